// The correlation behind a convolution: its forward pass and its data gradient.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "kernels/tile.hpp"
#include "kernels/winograd.hpp"
#include "tensor.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// One direction, rows or columns, of a correlation: which pixels of the target it writes, with which
// part of the kernel.
struct Axis {
    int pixels;     // of the target, `spacing` apart
    int first = 0;  // the first of them
    int taps;       // of the kernel, `spacing` apart
    int tap = 0;    // the first of them
    int shift;      // where in the source the first pixel's first tap lies
};

// Cross-correlation of a source with a kernel:
//
//   target(q, i, j) = bias(q) + Σ source(c, stride·i + step·k + rows.shift,
//                                           stride·j + step·l + columns.shift) · weight(q, k, l, c)
//
// That is the forward pass (step +1), and, with the kernel's two channel axes exchanged, the data
// gradient (step -1). With a stride s, every s-th tap reaches every s-th pixel, so the data gradient
// is s² correlations of parts of the kernel.
//
// Kernel rows that fall outside of the source are left out; so are kernel columns that do so for
// all pixels of a tile. The source's border covers what remains.
//
// A kernel of three columns with a stride of 1, and channels enough, takes another way (winograd.hpp).
template <int L>
class Correlation {
  public:
    Axis rows, columns;
    int stride = 1, step = 1, spacing = 1;

    // How wide the source's border must be on the left and on the right.
    std::pair<int, int> border(const Shape& source, const Shape& target) const {
        int pixels = columns.pixels;
        if (is_winograd(source, target)) pixels = parts(pixels, Winograd<L>::kPixels) * Winograd<L>::kPixels;
        const int first = start(columns), end = first + (pixels - 1) * stride + columns.taps;
        return {std::max(-first, 0), std::max(end - source.width, 0)};
    }

    void allocate(Tensor<L>& source, const Shape& target, const Slots& scratch) {
        channels_ = source.shape.channels;
        outputs_ = target.channels;
        if (is_winograd(source.shape, target)) {
            winograd_.emplace(rows.taps, start(rows), start(columns), step < 0);
            winograd_->allocate(source.shape, target, scratch);
            return;
        }
        packed_ = Buffer<float>(static_cast<std::size_t>(outputs_) * taps());
        offsets_.clear();
        for (int k = 0; k < columns.taps; ++k)
            for (int c = 0; c < channels_; ++c)
                offsets_.push_back(static_cast<std::int32_t>(c * source.channel() + step * k * L));
        // At the edges of a data gradient many kernel columns fall outside: narrow tiles leave more
        // of them out.
        const int width = columns.pixels;
        const int edge = step < 0 ? std::min(std::max(columns.taps - 1, 0), width / 2) : 0;
        constexpr int kNarrow = std::max(kMaxVectors<L> / 2, 1);
        widths_.clear();
        for (const auto& [length, most] : {std::pair{edge, kNarrow},
                                          std::pair{width - 2 * edge, kMaxVectors<L>},
                                          std::pair{edge, kNarrow}})
            for (int x = 0; x < length; x += widths_.back())
                widths_.push_back(part(length, most, x));
    }

    // The weight of the kernel's row k and column l is weights[q·q_stride + c·c_stride + k·kernel +
    // l]. A thread packs its share of the outputs.
    void pack(const float* weights, int kernel, std::ptrdiff_t q_stride, std::ptrdiff_t c_stride,
              const Share& share) {
        if (winograd_) return winograd_->pack(weights, q_stride, c_stride, share);
        const auto [begin, end] = share.of(outputs_);
        for (int q0 = 0; q0 < outputs_;) {
            const int size = part(outputs_, kMaxOutputs<L>, q0);
            float* to = packed_.data() + q0 * taps();
            for (int k = 0; k < rows.taps && begin <= q0 && q0 < end; ++k)
                for (int l = 0; l < columns.taps; ++l) {
                    const float* from =
                        weights + (rows.tap + spacing * k) * kernel + columns.tap + spacing * l;
                    for (int c = 0; c < channels_; ++c)
                        for (int q = 0; q < size; ++q) *to++ = from[(q0 + q) * q_stride + c * c_stride];
                }
            q0 += size;
        }
    }

    void run(Tensor<L>& source, Tensor<L>& target, int group, const float* bias) {
        if (winograd_) return winograd_->run(source, target, group, bias);
        const float* w = packed_.data();
        for (int q0 = 0; q0 < outputs_;) {
            const int outputs = part(outputs_, kMaxOutputs<L>, q0);
            int x0 = 0;
            for (const int vectors : widths_) {
                const auto tiles = kTiles[(vectors - 1) * kMaxOutputs<L> + outputs - 1];
                (this->*tiles)(source, target, group, q0, x0, w, bias);
                x0 += vectors;
            }
            w += outputs * taps();
            q0 += outputs;
        }
    }

  private:
    using S = Simd<L>;

    std::ptrdiff_t taps() const {
        return static_cast<std::ptrdiff_t>(channels_) * rows.taps * columns.taps;
    }

    bool is_winograd(const Shape& source, const Shape& target) const {
        return columns.taps == Winograd<L>::kTaps && stride == 1 && spacing == 1 &&
               Winograd<L>::suits(source.channels, target.channels, columns.pixels);
    }

    // The first place in the source that the first pixel looks at.
    int start(const Axis& axis) const { return axis.shift - (step < 0 ? axis.taps - 1 : 0); }

    // The taps [first, last) of an axis for which some of `count` pixels from `start` on look at
    // places in [0, length).
    std::pair<int, int> inside(const Axis& axis, int start, int count, int length) const {
        const int low = start * stride + axis.shift, high = (start + count - 1) * stride + axis.shift;
        int first = 0, last = axis.taps;
        if (step > 0) {
            while (first < last && high + first < 0) ++first;
            while (first < last && low + last - 1 >= length) --last;
        } else {
            while (first < last && low - first >= length) ++first;
            while (first < last && high - (last - 1) < 0) --last;
        }
        return {first, last};
    }

    // P pixels from x0 in all rows, for Q outputs from q0.
    template <int P, int Q>
    void tiles(Tensor<L>& source, Tensor<L>& target, int group, int q0, int x0, const float* w,
               const float* bias) {
        const auto [l0, l1] = inside(columns, x0, P, source.shape.width);
        const std::ptrdiff_t w_row = static_cast<std::ptrdiff_t>(columns.taps) * channels_ * Q;
        const std::ptrdiff_t pixel = static_cast<std::ptrdiff_t>(spacing) * L;
        for (int y = 0; y < rows.pixels; ++y) {
            const auto [k0, k1] = inside(rows, y, 1, source.shape.height);
            const Taps taps{k1 - k0, step * source.row(), offsets_.data() + l0 * channels_,
                            (l1 - l0) * channels_, w_row, Q, 1};
            const float* x[P];
            const float* first =
                source.at(group, 0, y * stride + step * k0 + rows.shift, x0 * stride + columns.shift);
            SEEDBED_UNROLL
            for (int p = 0; p < P; ++p) x[p] = first + static_cast<std::ptrdiff_t>(p) * stride * L;
            Tile<L, P, Q> tile;
            tile.template accumulate<true>(
                x, w + k0 * w_row + static_cast<std::ptrdiff_t>(l0) * channels_ * Q, taps);
            float* to = target.at(group, q0, rows.first + spacing * y, columns.first + spacing * x0);
            SEEDBED_UNROLL
            for (int q = 0; q < Q; ++q) {
                const auto b = S::splat(bias ? bias[q0 + q] : 0.0f);
                SEEDBED_UNROLL
                for (int p = 0; p < P; ++p)
                    S::store(to + q * target.channel() + p * pixel, tile.at[p][q] + b);
            }
        }
    }

    using Tiles = void (Correlation::*)(Tensor<L>&, Tensor<L>&, int, int, int, const float*,
                                        const float*);
    template <int... I>
    static constexpr std::array<Tiles, sizeof...(I)> table(std::integer_sequence<int, I...>) {
        return {&Correlation::template tiles<I / kMaxOutputs<L> + 1, I % kMaxOutputs<L> + 1>...};
    }
    static constexpr auto kTiles =
        table(std::make_integer_sequence<int, kMaxVectors<L> * kMaxOutputs<L>>{});

    int channels_ = 0, outputs_ = 0;
    Buffer<float> packed_;
    std::vector<std::int32_t> offsets_;
    std::vector<int> widths_;  // of the tiles, left to right
    std::optional<Winograd<L>> winograd_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
