// The gradient of a convolution's weights.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "kernels/sizes.hpp"
#include "kernels/winograd_gradient.hpp"
#include "team.hpp"
#include "tensor.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// The weight gradient: d(q, t) = Σ over groups and pixels of gradient(q, y, x) · value(t, y, x),
// where a tap t is an input channel and a kernel position, and the bias gradient, the sum of
// gradient(q, y, x). The sum over the lanes comes last. Lanes that fit one register are done before the
// others: every vector is loaded anew for every block, so a block of narrow vectors needs fewer loads.
// A sum goes through the groups in their order; threads that have neighboring groups follow each other
// through the blocks.
//
// 3×3 kernels with a stride of 1, no bias, and channels enough take another way (winograd_gradient.hpp).
template <int L>
class WeightGradient {
  public:
    void allocate(int outputs, int taps, bool bias, int groups) {
        outputs_ = outputs;
        taps_ = taps;
        bias_ = bias;
        lanes_ = Buffer<float>(static_cast<std::size_t>(outputs) * (taps + 1) * L);
        int blocks = 0;
        for (const Sizes& size : kBlocks) {
            const int first = first_taps(size);
            const int count = parts(outputs, size.rows) * (1 + parts(taps - first, size.columns));
            if (blocks > 0 && blocks <= count) continue;
            size_ = size;
            blocks = count;
        }
        blocks_a_part_ = (blocks + kParts - 1) / kParts;
        order_.allocate(groups);
    }
    // To be called after allocate(), with the convolution that it is of.
    void allow_winograd(int kernel, int stride, int channels, const Shape& gradient, const Slots& scratch) {
        if (bias_ || !WinogradGradient<L>::suits(kernel, stride, channels, gradient)) return;
        winograd_.emplace();
        winograd_->allocate(channels, gradient, scratch);
    }
    // Before the first group.
    void enter() { order_.reset(); }

    // `offsets`: of every tap, from the first tap's first pixel; `stride`: in pixels.
    void add(Tensor<L>& gradient, const float* value, std::ptrdiff_t value_row,
             const std::vector<std::ptrdiff_t>& offsets, int stride, int group) {
        if (winograd_) {
            const std::ptrdiff_t channel = offsets[WinogradGradient<L>::kTaps * WinogradGradient<L>::kTaps];
            return winograd_->add(gradient, value, channel, value_row, group, lanes_.data(), order_);
        }
        int blocks = 0;
        const int first = first_taps(size_);
        for (int q0 = 0; q0 < outputs_;) {
            const int outputs = part(outputs_, size_.rows, q0);
            for (int t0 = 0; t0 < taps_; ++blocks) {
                const int taps = t0 == 0 ? first : part(taps_ - first, size_.columns, t0 - first);
                if (blocks % blocks_a_part_ == 0) {
                    if (blocks > 0) order_.pass(group, blocks / blocks_a_part_ - 1);
                    order_.wait(group, blocks / blocks_a_part_);
                }
                // The first taps of an output take its bias along, whose gradient passes by.
                const auto& kinds = bias_ && t0 == 0 ? kKinds<true> : kKinds<false>;
                const auto block = kinds[(outputs - 1) * kTaps + taps - 1];
                for (int lane = 0; lane < L; lane += kLanes)
                    (this->*block)(gradient, value + lane, value_row, offsets.data() + t0, stride,
                                   group, q0, t0, lane);
                t0 += taps;
            }
            q0 += outputs;
        }
        order_.pass(group, (blocks - 1) / blocks_a_part_);
    }

    // gradient[q·taps + t], and then the biases: a stretch of these numbers.
    void write(float* gradient, std::pair<std::ptrdiff_t, std::ptrdiff_t> stretch) const {
        auto [i, last] = stretch;
        for (; i + L <= last; i += L) {
            Vec rows[L];
            for (int row = 0; row < L; ++row) rows[row] = S::load(lanes_.data() + (i + row) * L);
            S::store_unaligned(gradient + i, S::sums(rows));
        }
        for (; i < last; ++i) gradient[i] = S::sum(S::load(lanes_.data() + i * L));
    }

  private:
    using S = Simd<L>;
    using Vec = typename S::Vec;
    static constexpr int kLanes = std::min(L, kRegister);
    // The largest of all sizes.
    static constexpr int most(int Sizes::* side) {
        int largest = 0;
        for (const Sizes& size : kBlocks) largest = std::max(largest, size.*side);
        return largest;
    }
    static constexpr int kOutputs = most(&Sizes::rows), kTaps = most(&Sizes::columns);
    static constexpr bool is_needed(int outputs, int taps) {
        for (const Sizes& size : kBlocks)
            if (outputs <= size.rows && taps <= size.columns) return true;
        return false;
    }
    static constexpr int kParts = 16;  // in which a group is added, at most

    // How many taps the first block of an output has: fewer with a bias, whose sums need registers.
    int first_taps(const Sizes& size) const {
        return bias_ ? std::min(taps_, size.columns - 1) : part(taps_, size.columns, 0);
    }

    template <bool Bias, int Q, int T>
    void block(Tensor<L>& gradient, const float* value, std::ptrdiff_t value_row,
               const std::ptrdiff_t* offsets, int stride, int group, int q0, int t0,
               int lane) {
        float* const lanes = lanes_.data() + (static_cast<std::ptrdiff_t>(q0) * taps_ + t0) * L + lane;
        const std::ptrdiff_t lanes_row = static_cast<std::ptrdiff_t>(taps_) * L;
        using S = Simd<kLanes>;
        using Vec = typename S::Vec;
        Vec sum[Q][T];
        SEEDBED_UNROLL
        for (int q = 0; q < Q; ++q)
            SEEDBED_UNROLL
            for (int t = 0; t < T; ++t)
                sum[q][t] = group > 0 ? S::load(lanes + q * lanes_row + t * L) : Vec{};
        float* const bias = lanes_.data() + (static_cast<std::ptrdiff_t>(outputs_) * taps_ + q0) * L + lane;
        Vec bias_sum[Q];
        SEEDBED_UNROLL
        for (int q = 0; q < Q; ++q) bias_sum[q] = Bias && group > 0 ? S::load(bias + q * L) : Vec{};
        const int height = gradient.shape.height, width = gradient.shape.width;
        const std::ptrdiff_t pixel = static_cast<std::ptrdiff_t>(stride) * L;
        for (int y = 0; y < height; ++y) {
            const float* d[Q];
            const float* v[T];
            SEEDBED_UNROLL
            for (int q = 0; q < Q; ++q) d[q] = gradient.at(group, q0 + q, y) + lane;
            SEEDBED_UNROLL
            for (int t = 0; t < T; ++t) v[t] = value + offsets[t] + y * stride * value_row;
            for (int x = 0; x < width; ++x) {
                Vec dx[Q];
                SEEDBED_UNROLL
                for (int q = 0; q < Q; ++q) {
                    dx[q] = S::load(d[q] + x * L);
                    if constexpr (Bias) bias_sum[q] += dx[q];
                }
                SEEDBED_UNROLL
                for (int t = 0; t < T; ++t) {
                    const Vec vx = S::load(v[t] + x * pixel);
                    SEEDBED_UNROLL
                    for (int q = 0; q < Q; ++q) sum[q][t] = fma(dx[q], vx, sum[q][t]);
                }
            }
        }
        SEEDBED_UNROLL
        for (int q = 0; q < Q; ++q)
            SEEDBED_UNROLL
            for (int t = 0; t < T; ++t) S::store(lanes + q * lanes_row + t * L, sum[q][t]);
        if constexpr (Bias)
            SEEDBED_UNROLL
            for (int q = 0; q < Q; ++q) S::store(bias + q * L, bias_sum[q]);
    }

    using Block = void (WeightGradient::*)(Tensor<L>&, const float*, std::ptrdiff_t,
                                           const std::ptrdiff_t*, int, int, int, int, int);
    template <bool Bias, int Q, int T>
    static constexpr Block kind() {
        if constexpr (is_needed(Q, T)) return &WeightGradient::template block<Bias, Q, T>;
        return nullptr;
    }
    template <bool Bias, int... I>
    static constexpr std::array<Block, sizeof...(I)> table(std::integer_sequence<int, I...>) {
        return {kind<Bias, I / kTaps + 1, I % kTaps + 1>()...};
    }
    template <bool Bias>
    static constexpr auto kKinds = table<Bias>(std::make_integer_sequence<int, kOutputs * kTaps>{});

    int outputs_ = 0, taps_ = 0, blocks_a_part_ = 1;
    bool bias_ = false;
    Sizes size_{};  // of the blocks
    Order order_;
    Buffer<float> lanes_;
    std::optional<WinogradGradient<L>> winograd_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
