// The gradient of the weights of 3×3 kernels in fewer products: Winograd's F(3, 4) along the rows (Lavin and
// Gray 2016, section 4), the transpose of the F(4, 3) in winograd.hpp.
//
// Four neighboring pixels of the gradient meet six of a row of values in 6 products, not 12:
//
//     gradient of the weights = Gᵀ · Σ over tiles of (Aᵀ · gradient) ∘ (B · values)
//
// The sum over a group's tiles lies between the transforms. It goes over bands of rows whose transforms
// stay in the cache.
#pragma once

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "kernels/sizes.hpp"
#include "kernels/winograd.hpp"
#include "team.hpp"
#include "tensor.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

template <int L>
class WinogradGradient {
  public:
    static constexpr int kTaps = Winograd<L>::kTaps, kPixels = Winograd<L>::kPixels;

    // Whether the products that are saved outweigh the transforms. Measured with AVX-512 and AVX2; the same
    // for every instruction set, since bits depend on it.
    static bool suits(int kernel, int stride, int channels, const Shape& gradient) {
        return kernel == kTaps && stride == 1 && gradient.width % kPixels == 0 &&
               std::min(channels, gradient.channels) >= kLeast;
    }

    void allocate(int channels, const Shape& gradient, const Slots& scratch) {
        channels_ = channels;
        outputs_ = gradient.channels;
        height_ = gradient.height;
        tiles_ = gradient.width / kPixels;
        band_ = std::clamp(kTilesOfABand / tiles_, 1, height_);
        scratch_ = scratch;
        values_ = Buffer<float>(static_cast<std::size_t>(kPoints) * value_point() * scratch.slots);
        gradients_ = Buffer<float>(static_cast<std::size_t>(kPoints) * gradient_point() * scratch.slots);
        sums_ = Buffer<float>(static_cast<std::size_t>(sums()) * scratch.slots);
        offsets_.clear();
        for (int c = 0; c < channels_; ++c)
            for (int k = 0; k < kTaps; ++k) offsets_.push_back(value_row(c, k));
    }

    // Adds a group to the sums of the weights' lanes. `value` is the pixel that the first weight meets first.
    void add(Tensor<L>& gradient, const float* value, std::ptrdiff_t value_channel, std::ptrdiff_t value_row,
             int group, float* lanes, Order& order) {
        const int slot = scratch_.of(group);
        float* const values = values_.data() + slot * kPoints * value_point();
        float* const gradients = gradients_.data() + slot * kPoints * gradient_point();
        float* const sums = sums_.data() + slot * this->sums();
        for (int y = 0; y < height_; y += band_) {
            const int rows = std::min(band_, height_ - y);
            transform_values(value + y * value_row, value_channel, value_row, rows, values);
            for (int q0 = 0, part_of_group = 0; q0 < outputs_; ++part_of_group) {
                const int outputs = part(outputs_, kOutputs, q0);
                transform_gradient(gradient, group, q0, outputs, y, rows, gradients);
                float* const of_outputs = sums + (one_band() ? 0 : q0 * kPoints * point_sums());
                for (int i = 0; i < kPoints; ++i)
                    for (int t = 0; t < taps();) {
                        const int count = part(taps(), kColumns, t);
                        const auto block = kKinds[(outputs - 1) * kColumns + count - 1];
                        (this->*block)(gradients + i * gradient_point(), values + i * value_point(),
                                       offsets_.data() + t, rows * tiles_,
                                       of_outputs + i * point_sums() + t * L, y == 0);
                        t += count;
                    }
                if (y + rows == height_) {
                    order.wait(group, part_of_group);
                    fold(of_outputs, q0, outputs, lanes, group == 0);
                    order.pass(group, part_of_group);
                }
                q0 += outputs;
            }
        }
    }

  private:
    static constexpr int kPoints = kPixels + kTaps - 1;
    static constexpr int kLanes = std::min(L, kRegister);
    static constexpr int kOutputs = kBlocks[0].rows, kColumns = kBlocks[0].columns;
    static constexpr int kLeast = 3;           // channels and outputs
    static constexpr int kTilesOfABand = 64;  // about
    using S = Simd<kLanes>;
    using Vec = typename S::Vec;

    int taps() const { return channels_ * kTaps; }
    bool one_band() const { return band_ == height_; }
    // Where a row of a channel begins in a point of the transformed values.
    std::ptrdiff_t value_row(int channel, int row) const {
        return (static_cast<std::ptrdiff_t>(channel) * (band_ + kTaps - 1) + row) * tiles_ * L;
    }
    // The extra vector keeps the points of a tile out of one set of the cache.
    std::ptrdiff_t value_point() const { return value_row(channels_, 0) + L; }
    std::ptrdiff_t gradient_row() const { return static_cast<std::ptrdiff_t>(band_) * tiles_ * L; }
    std::ptrdiff_t gradient_point() const { return kOutputs * gradient_row() + L; }
    std::ptrdiff_t point_sums() const { return static_cast<std::ptrdiff_t>(taps()) * L; }
    std::ptrdiff_t sums() const { return (one_band() ? kOutputs : outputs_) * kPoints * point_sums(); }

    // B · values, of the rows that a band of the gradient meets.
    void transform_values(const float* value, std::ptrdiff_t channel, std::ptrdiff_t row, int rows,
                          float* values) const {
        for (int c = 0; c < channels_; ++c)
            for (int k = 0; k < rows + kTaps - 1; ++k)
                for (int lane = 0; lane < L; lane += kLanes)
                    Winograd<L>::transform_row(value + c * channel + k * row + lane, tiles_,
                                               values + value_row(c, k) + lane, value_point());
    }

    // Aᵀ · gradient, of a band of some outputs.
    void transform_gradient(Tensor<L>& gradient, int group, int q0, int outputs, int y, int rows,
                            float* gradients) const {
        const std::ptrdiff_t point = gradient_point();
        for (int q = 0; q < outputs; ++q)
            for (int r = 0; r < rows; ++r)
                for (int lane = 0; lane < L; lane += kLanes) {
                    const float* from = gradient.at(group, q0 + q, y + r) + lane;
                    float* to = gradients + q * gradient_row() + r * tiles_ * L + lane;
                    for (int t = 0; t < tiles_; ++t, from += kPixels * L, to += L) {
                        const Vec d0 = S::load(from), d1 = S::load(from + L);
                        const Vec d2 = S::load(from + 2 * L), d3 = S::load(from + 3 * L);
                        const Vec even = d0 + d2, odd = d1 + d3;
                        const Vec far_even = fma(d2, 4.0f, d0), far_odd = fma(d3, 4.0f, d1);
                        S::store(to, d0);
                        S::store(to + point, even + odd);
                        S::store(to + 2 * point, even - odd);
                        S::store(to + 3 * point, fma(far_odd, 2.0f, far_even));
                        S::store(to + 4 * point, fma(far_odd, -2.0f, far_even));
                        S::store(to + 5 * point, d3);
                    }
                }
    }

    // The products of a point, for Q outputs and T taps, summed over the tiles of a band.
    template <int Q, int T>
    void block(const float* gradients, const float* values, const std::ptrdiff_t* offsets, int tiles,
               float* sums, bool first) const {
        const std::ptrdiff_t output = kPoints * point_sums();
        for (int lane = 0; lane < L; lane += kLanes) {
            Vec sum[Q][T];
            SEEDBED_UNROLL
            for (int q = 0; q < Q; ++q)
                SEEDBED_UNROLL
                for (int t = 0; t < T; ++t)
                    sum[q][t] = first ? Vec{} : S::load(sums + q * output + t * L + lane);
            const float* d[Q];
            const float* v[T];
            SEEDBED_UNROLL
            for (int q = 0; q < Q; ++q) d[q] = gradients + q * gradient_row() + lane;
            SEEDBED_UNROLL
            for (int t = 0; t < T; ++t) v[t] = values + offsets[t] + lane;
            for (int x = 0; x < tiles; ++x) {
                Vec dx[Q];
                SEEDBED_UNROLL
                for (int q = 0; q < Q; ++q) dx[q] = S::load(d[q] + x * L);
                SEEDBED_UNROLL
                for (int t = 0; t < T; ++t) {
                    const Vec vx = S::load(v[t] + x * L);
                    SEEDBED_UNROLL
                    for (int q = 0; q < Q; ++q) sum[q][t] = fma(dx[q], vx, sum[q][t]);
                }
            }
            SEEDBED_UNROLL
            for (int q = 0; q < Q; ++q)
                SEEDBED_UNROLL
                for (int t = 0; t < T; ++t) S::store(sums + q * output + t * L + lane, sum[q][t]);
        }
    }

    // Gᵀ · the sums of a group, added to those of the groups before.
    void fold(const float* sums, int q0, int outputs, float* lanes, bool first) const {
        const std::ptrdiff_t point = point_sums();
        for (int q = 0; q < outputs; ++q)
            for (int t = 0; t < taps(); ++t)
                for (int lane = 0; lane < L; lane += kLanes) {
                    const float* from = sums + q * kPoints * point + t * L + lane;
                    float* to = lanes + ((q0 + q) * taps() + t) * kTaps * L + lane;
                    const auto at = [&](int i) { return S::load(from + i * point); };
                    const Vec even = at(1) + at(2), odd = at(2) - at(1);
                    const Vec far_even = at(3) + at(4), far_odd = at(3) - at(4);
                    const Vec result[kTaps] = {
                        fma(at(0), 0.25f, fma(even, -1.0f / 6, far_even * (1.0f / 24))),
                        fma(odd, 1.0f / 6, far_odd * (1.0f / 12)), fma(far_even - even, 1.0f / 6, at(5))};
                    SEEDBED_UNROLL
                    for (int j = 0; j < kTaps; ++j)
                        S::store(to + j * L, first ? result[j] : S::load(to + j * L) + result[j]);
                }
    }

    using Block = void (WinogradGradient::*)(const float*, const float*, const std::ptrdiff_t*, int, float*,
                                             bool) const;
    template <int... I>
    static constexpr std::array<Block, sizeof...(I)> table(std::integer_sequence<int, I...>) {
        return {&WinogradGradient::template block<I / kColumns + 1, I % kColumns + 1>...};
    }
    static constexpr auto kKinds = table(std::make_integer_sequence<int, kOutputs * kColumns>{});

    int channels_ = 0, outputs_ = 0, height_ = 0, tiles_ = 0, band_ = 0;
    Slots scratch_;
    Buffer<float> values_, gradients_;    // the transforms of a band, for every slot
    Buffer<float> sums_;                  // of outputs, points and taps, for every slot
    std::vector<std::ptrdiff_t> offsets_;  // of the taps' rows in a point of the values
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
