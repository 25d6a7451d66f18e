// Correlations with kernels of three columns in fewer products: Winograd's F(4, 3) along the rows
// (Lavin and Gray 2016, "Fast algorithms for convolutional neural networks", section 4).
//
// Four neighboring pixels of a target row, of which a row of the kernel sees six of the source, take 6
// products a channel instead of 12:
//
//     target = A · Σ over kernel rows and channels of (G · weights) ∘ (B · source)
//
// The sum lies between the transforms, so each row of the source is transformed once for all outputs and
// all rows of the kernel, and each target once for all channels. In both directions at once, F(2×2, 3×3)
// takes hardly fewer products (16 instead of 36), but B gives 4 numbers for each pixel of the source, not
// 1.5, and the time goes into moving them.
#pragma once

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "kernels/tile.hpp"
#include "tensor.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

template <int L>
class Winograd {
  public:
    static constexpr int kTaps = 3, kPixels = 4;

    // Whether the products that are saved outweigh the transforms, and those of pixels beyond the target.
    // Measured with AVX-512 and AVX2; the same for every instruction set, since bits depend on it.
    static bool suits(int channels, int outputs, int width) {
        return std::min(channels, outputs) >= 3 && (width == kPixels || width > kPixels + 1);
    }

    // A kernel of so many rows. Its first weight meets the source's pixel (top, left) for the first
    // pixel of the target. `turned`: the weights come in reverse order.
    Winograd(int rows, int top, int left, bool turned)
        : rows_(rows), top_(top), left_(left), turned_(turned) {}

    // The source's border covers what it has no pixels for, up to a whole number of tiles.
    void allocate(const Shape& source, const Shape& target, const Slots& scratch) {
        channels_ = source.channels;
        outputs_ = target.channels;
        tiles_ = parts(target.width, kPixels);
        scratch_ = scratch;
        weights_ = Buffer<float>(static_cast<std::size_t>(kPoints) * taps() * outputs_);
        points_ = Buffer<float>(static_cast<std::size_t>(rows_) * row() * scratch.slots);
        offsets_.clear();
        for (int slot = 0; slot < rows_; ++slot)
            for (int k = 0; k < rows_; ++k)
                for (int c = 0; c < channels_; ++c)
                    offsets_.push_back(
                        static_cast<std::int32_t>((slot + k) % rows_ * row() + c * tiles_ * L));
    }

    // As Correlation::pack. A thread transforms its share of the kernel's rows and channels.
    void pack(const float* weights, std::ptrdiff_t q_stride, std::ptrdiff_t c_stride, const Share& share) {
        const std::ptrdiff_t point = static_cast<std::ptrdiff_t>(taps()) * outputs_;
        const auto [begin, end] = share.of(taps());
        for (int tap = begin; tap < end; ++tap) {
            const int k = tap / channels_, c = tap % channels_;
            const float* from = weights + c * c_stride + kTaps * (turned_ ? rows_ - 1 - k : k);
            float* to = weights_.data() + static_cast<std::ptrdiff_t>(tap) * outputs_;
            for (int q = 0; q < outputs_; ++q, from += q_stride, ++to) {
                const float first = from[turned_ ? 2 : 0], last = from[turned_ ? 0 : 2];
                const float one = first + last, two = fma(4.0f, last, first), middle = from[1];
                to[0] = 0.25f * first;
                to[point] = (one + middle) * (-1.0f / 6);
                to[2 * point] = (one - middle) * (-1.0f / 6);
                to[3 * point] = fma(2.0f, middle, two) * (1.0f / 24);
                to[4 * point] = fma(-2.0f, middle, two) * (1.0f / 24);
                to[5 * point] = last;
            }
        }
    }

    void run(Tensor<L>& source, Tensor<L>& target, int group, const float* bias) {
        const int height = source.shape.height;
        float* const points = points_.data() + scratch_.of(group) * rows_ * row();
        for (int y = 0, next = 0; y < target.shape.height; ++y) {
            const int top = y + top_;
            for (; next < std::min(height, top + rows_); ++next) transform(source, group, next, points);
            // Rows outside of the source are left out.
            const int first = std::clamp(-top, 0, rows_), last = std::clamp(height - top, first, rows_);
            const int slot = (top % rows_ + rows_) % rows_;
            const Taps taps{1, 0, offsets_.data() + (slot * rows_ + first) * channels_,
                            (last - first) * channels_, 0, outputs_, 1};
            const float* const weights =
                weights_.data() + static_cast<std::ptrdiff_t>(first) * channels_ * outputs_;
            for (int t0 = 0; t0 < tiles_;) {
                const int tiles = part(tiles_, kMaxVectors<L>, t0);
                for (int q0 = 0; q0 < outputs_;) {
                    const int outputs = part(outputs_, most_outputs(tiles), q0);
                    const auto block = kBlocks[(tiles - 1) * kMost + outputs - 1];
                    (this->*block)(points + t0 * L, weights + q0, taps, target, group, q0, y, t0, bias);
                    q0 += outputs;
                }
                t0 += tiles;
            }
        }
    }

    // B · a row of values, for one register of lanes: `kPoints` parts that are `point` apart.
    static void transform_row(const float* from, int tiles, float* to, std::ptrdiff_t point) {
        using S = Simd<kLanes>;
        using Vec = typename S::Vec;
        Vec x0 = S::load(from), x1 = S::load(from + L);
        for (int t = 0; t < tiles; ++t, to += L) {
            from += kPixels * L;
            const Vec x2 = S::load(from - 2 * L), x3 = S::load(from - L);
            const Vec x4 = S::load(from), x5 = S::load(from + L);
            const Vec even = fma(x2, -4.0f, x4), odd = fma(x1, -4.0f, x3);
            const Vec far_even = x4 - x2, far_odd = x3 - x1;
            S::store(to, fma(x0, 4.0f, fma(x2, -5.0f, x4)));
            S::store(to + point, even + odd);
            S::store(to + 2 * point, even - odd);
            S::store(to + 3 * point, fma(far_odd, 2.0f, far_even));
            S::store(to + 4 * point, fma(far_odd, -2.0f, far_even));
            S::store(to + 5 * point, fma(x1, 4.0f, fma(x3, -5.0f, x5)));
            x0 = x4;
            x1 = x5;
        }
    }

  private:
    static constexpr int kPoints = kPixels + kTaps - 1;
    static constexpr int kLanes = std::min(L, kRegister);
    static constexpr int kMost = 2 * kMaxOutputs<L>;
    // Narrow tiles of a wide vector leave registers for more outputs.
    static constexpr int most_outputs(int tiles) { return 2 * tiles <= kMaxVectors<L> ? kMost : kMaxOutputs<L>; }

    int taps() const { return rows_ * channels_; }
    // A transformed row has `kPoints` parts. The extra vector between them keeps a tile's points out of
    // one set of the cache.
    std::ptrdiff_t point() const { return (static_cast<std::ptrdiff_t>(channels_) * tiles_ + 1) * L; }
    std::ptrdiff_t row() const { return kPoints * point(); }

    // B · source, for a row; the last `rows_` rows are there.
    void transform(Tensor<L>& source, int group, int y, float* points) const {
        for (int c = 0; c < channels_; ++c)
            for (int lane = 0; lane < L; lane += kLanes)
                transform_row(source.at(group, c, y, left_) + lane, tiles_,
                              points + y % rows_ * row() + static_cast<std::ptrdiff_t>(c) * tiles_ * L + lane,
                              point());
    }

    // P tiles from t0 of a row of the target, for Q outputs from q0.
    template <int P, int Q>
    void block(const float* points, const float* weights, const Taps& taps, Tensor<L>& target, int group,
               int q0, int y, int t0, const float* bias) const {
        alignas(64) float products[kPoints][Q][P][L];
        for (int i = 0; i < kPoints; ++i) {
            const float* x[P];
            SEEDBED_UNROLL
            for (int p = 0; p < P; ++p) x[p] = points + i * point() + p * L;
            Tile<L, P, Q> tile;
            tile.template accumulate<true>(
                x, weights + static_cast<std::ptrdiff_t>(i) * this->taps() * outputs_, taps);
            SEEDBED_UNROLL
            for (int q = 0; q < Q; ++q)
                SEEDBED_UNROLL
                for (int p = 0; p < P; ++p) Simd<L>::store(products[i][q][p], tile.at[p][q]);
        }
        using S = Simd<kLanes>;
        using Vec = typename S::Vec;
        for (int q = 0; q < Q; ++q) {
            const Vec b = S::splat(bias ? bias[q0 + q] : 0.0f);
            for (int p = 0; p < P; ++p) {
                const int x = (t0 + p) * kPixels, pixels = std::min(target.shape.width - x, kPixels);
                float* const to = target.at(group, q0 + q, y, x);
                for (int lane = 0; lane < L; lane += kLanes) {
                    const auto at = [&](int i) { return S::load(products[i][q][p] + lane); };
                    const Vec even = at(1) + at(2), odd = at(1) - at(2);
                    const Vec far_even = at(3) + at(4), far_odd = at(3) - at(4);
                    const Vec result[kPixels] = {(at(0) + even) + far_even + b, fma(far_odd, 2.0f, odd) + b,
                                                 fma(far_even, 4.0f, even) + b,
                                                 fma(far_odd, 8.0f, odd) + at(5) + b};
                    SEEDBED_UNROLL
                    for (int j = 0; j < kPixels; ++j)
                        if (j < pixels) S::store(to + j * L + lane, result[j]);
                }
            }
        }
    }

    using Block = void (Winograd::*)(const float*, const float*, const Taps&, Tensor<L>&, int, int, int, int,
                                     const float*) const;
    template <int P, int Q>
    static constexpr Block kind() {
        if constexpr (Q <= most_outputs(P)) return &Winograd::template block<P, Q>;
        return nullptr;
    }
    template <int... I>
    static constexpr std::array<Block, sizeof...(I)> table(std::integer_sequence<int, I...>) {
        return {kind<I / kMost + 1, I % kMost + 1>()...};
    }
    static constexpr auto kBlocks = table(std::make_integer_sequence<int, kMaxVectors<L> * kMost>{});

    const int rows_, top_, left_;
    const bool turned_;
    int channels_ = 0, outputs_ = 0, tiles_ = 0;
    Slots scratch_;
    Buffer<float> weights_;              // G · weights: of every point, kernel row, channel and output
    Buffer<float> points_;               // of `rows_` rows of the source, for every slot
    std::vector<std::int32_t> offsets_;  // of the taps, for every slot that the first row can be in
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
