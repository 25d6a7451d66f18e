// Convolution: forward, data gradient and weight gradient.
#pragma once

#include <array>
#include <utility>
#include <vector>

#include "tensor.hpp"
#include "tile.hpp"

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
template <int L>
class Correlation {
  public:
    Axis rows, columns;
    int stride = 1, step = 1, spacing = 1;

    void allocate(Tensor<L>& source, int outputs) {
        channels_ = source.shape.channels;
        outputs_ = outputs;
        packed_ = Buffer<float>(static_cast<std::size_t>(outputs) * taps());
        offsets_.clear();
        for (int k = 0; k < columns.taps; ++k)
            for (int c = 0; c < channels_; ++c)
                offsets_.push_back(static_cast<std::int32_t>(c * source.channel() + step * k * L));
        // At the edges of a data gradient many kernel columns fall outside: narrow tiles leave more
        // of them out.
        const int width = columns.pixels;
        const int edge = step < 0 ? std::min(std::max(columns.taps - 1, 0), width / 2) : 0;
        widths_.clear();
        for (const auto& [length, most] : {std::pair{edge, kMaxVectors / 2},
                                          std::pair{width - 2 * edge, kMaxVectors},
                                          std::pair{edge, kMaxVectors / 2}})
            for (int x = 0; x < length; x += widths_.back())
                widths_.push_back(part(length, most, x));
    }

    // The weight of the kernel's row k and column l is weights[q·q_stride + c·c_stride + k·kernel +
    // l].
    void pack(const float* weights, int kernel, std::ptrdiff_t q_stride, std::ptrdiff_t c_stride) {
        float* to = packed_.data();
        for (int q0 = 0; q0 < outputs_;) {
            const int size = part(outputs_, kMaxOutputs, q0);
            for (int k = 0; k < rows.taps; ++k)
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
        const float* w = packed_.data();
        for (int q0 = 0; q0 < outputs_;) {
            const int outputs = part(outputs_, kMaxOutputs, q0);
            int x0 = 0;
            for (const int vectors : widths_) {
                const auto tiles = kTiles[(vectors - 1) * kMaxOutputs + outputs - 1];
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
        return {&Correlation::template tiles<I / kMaxOutputs + 1, I % kMaxOutputs + 1>...};
    }
    static constexpr auto kTiles =
        table(std::make_integer_sequence<int, kMaxVectors * kMaxOutputs>{});

    int channels_ = 0, outputs_ = 0;
    Buffer<float> packed_;
    std::vector<std::int32_t> offsets_;
    std::vector<int> widths_;  // of the tiles, left to right
};

// The weight gradient: d(q, t) = Σ over groups and pixels of gradient(q, y, x) · value(t, y, x),
// where a tap t is an input channel and a kernel position, and the bias gradient, the sum of
// gradient(q, y, x). The sum over the lanes comes last.
template <int L>
class WeightGradient {
  public:
    void allocate(int outputs, int taps) {
        outputs_ = outputs;
        taps_ = taps;
        lanes_ = Buffer<float>(static_cast<std::size_t>(outputs) * (taps + 1) * L);
    }
    void clear() { std::memset(lanes_.data(), 0, lanes_.size() * sizeof(float)); }

    // `offsets`: of every tap, from the first tap's first pixel; `stride`: in pixels.
    void add(Tensor<L>& gradient, const float* value, std::ptrdiff_t value_row,
             const std::vector<std::ptrdiff_t>& offsets, int stride, int group) {
        for (int q0 = 0; q0 < outputs_;) {
            const int outputs = part(outputs_, kGradientOutputs, q0);
            for (int t0 = 0; t0 < taps_;) {
                const int taps = part(taps_, kGradientTaps, t0);
                // The first taps of an output take its bias along, whose gradient passes by.
                const auto& blocks = t0 == 0 ? kBlocks<true> : kBlocks<false>;
                const auto block = blocks[(outputs - 1) * kGradientTaps + taps - 1];
                (this->*block)(gradient, value, value_row, offsets.data() + t0, stride, group, q0,
                               t0);
                t0 += taps;
            }
            q0 += outputs;
        }
    }

    // gradient[q·taps + t], and then the biases: the first `count` of these numbers.
    void write(float* gradient, std::ptrdiff_t count) const {
        std::ptrdiff_t i = 0;
        for (; i + L <= count; i += L) {
            Vec rows[L];
            for (int row = 0; row < L; ++row) rows[row] = S::load(lanes_.data() + (i + row) * L);
            S::store_unaligned(gradient + i, S::sums(rows));
        }
        for (; i < count; ++i) gradient[i] = S::sum(S::load(lanes_.data() + i * L));
    }

  private:
    using S = Simd<L>;
    using Vec = typename S::Vec;
#if defined(__AVX512F__) || defined(__aarch64__)
    static constexpr int kGradientOutputs = 4, kGradientTaps = 6;
#else
    static constexpr int kGradientOutputs = 3, kGradientTaps = 4;
#endif

    template <bool Bias, int Q, int T>
    void block(Tensor<L>& gradient, const float* value, std::ptrdiff_t value_row,
               const std::ptrdiff_t* offsets, int stride, int group, int q0, int t0) {
        float* const lanes = lanes_.data() + (static_cast<std::ptrdiff_t>(q0) * taps_ + t0) * L;
        const std::ptrdiff_t lanes_row = static_cast<std::ptrdiff_t>(taps_) * L;
        Vec sum[Q][T];
        SEEDBED_UNROLL
        for (int q = 0; q < Q; ++q)
            SEEDBED_UNROLL
            for (int t = 0; t < T; ++t) sum[q][t] = S::load(lanes + q * lanes_row + t * L);
        float* const bias = lanes_.data() + (static_cast<std::ptrdiff_t>(outputs_) * taps_ + q0) * L;
        Vec bias_sum[Q];
        SEEDBED_UNROLL
        for (int q = 0; q < Q; ++q) bias_sum[q] = Bias ? S::load(bias + q * L) : Vec{};
        const int height = gradient.shape.height, width = gradient.shape.width;
        const std::ptrdiff_t pixel = static_cast<std::ptrdiff_t>(stride) * L;
        for (int y = 0; y < height; ++y) {
            const float* d[Q];
            const float* v[T];
            SEEDBED_UNROLL
            for (int q = 0; q < Q; ++q) d[q] = gradient.at(group, q0 + q, y);
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
                    for (int q = 0; q < Q; ++q) sum[q][t] += dx[q] * vx;
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
                                           const std::ptrdiff_t*, int, int, int, int);
    template <bool Bias, int... I>
    static constexpr std::array<Block, sizeof...(I)> table(std::integer_sequence<int, I...>) {
        return {
            &WeightGradient::template block<Bias, I / kGradientTaps + 1, I % kGradientTaps + 1>...};
    }
    template <bool Bias>
    static constexpr auto kBlocks =
        table<Bias>(std::make_integer_sequence<int, kGradientOutputs * kGradientTaps>{});

    int outputs_ = 0, taps_ = 0;
    Buffer<float> lanes_;
};

template <int L>
class Convolution final : public Layer<L> {
  public:
    // The input's border covers the padding.
    Convolution(Node<L>& in, Node<L>& out, int kernel, int stride, Border padding, bool bias)
        : in_(in), out_(out), kernel_(kernel), stride_(stride), padding_(padding), has_bias_(bias) {
        const Shape& from = in.value.shape;
        const Shape& to = out.value.shape;
        in.keep();
        forward_.rows = {to.height, 0, kernel, 0, -padding.top};
        forward_.columns = {to.width, 0, kernel, 0, -padding.left};
        forward_.stride = stride;
        if (!in.has_gradient) return;
        for (int y = 0; y < std::min(stride, from.height); ++y)
            for (int x = 0; x < std::min(stride, from.width); ++x) {
                Correlation<L> part;
                part.rows = backward(y, from.height, padding.top);
                part.columns = backward(x, from.width, padding.left);
                part.step = -1;
                part.spacing = stride;
                backward_.push_back(std::move(part));
            }
        Border& border = out.gradient.border;
        for (const auto& part : backward_) {
            const Axis& c = part.columns;
            border.left = std::max(border.left, c.taps - 1 - c.shift);
            border.right = std::max(border.right, c.pixels + c.shift - to.width);
        }
    }

    std::size_t weights() const override {
        return static_cast<std::size_t>(out_.value.shape.channels) * (taps() + (has_bias_ ? 1 : 0));
    }

    void allocate(int) override {
        const int inputs = in_.value.shape.channels, outputs = out_.value.shape.channels;
        forward_.allocate(in_.value, outputs);
        for (auto& part : backward_) part.allocate(out_.gradient, inputs);
        weight_gradient_.allocate(outputs, taps());
        for (int c = 0; c < inputs; ++c)
            for (int ky = 0; ky < kernel_; ++ky)
                for (int kx = 0; kx < kernel_; ++kx)
                    offsets_.push_back(c * in_.value.channel() + ky * in_.value.row() + kx * L);
    }

    void begin(const float* weights, bool training) override {
        const std::ptrdiff_t square = static_cast<std::ptrdiff_t>(kernel_) * kernel_;
        const std::ptrdiff_t output = square * in_.value.shape.channels;
        forward_.pack(weights, kernel_, output, square);
        bias_ = has_bias_ ? weights + output * out_.value.shape.channels : nullptr;
        if (!training) return;
        for (auto& part : backward_) part.pack(weights, kernel_, square, output);
        weight_gradient_.clear();
    }

    void forward(int first, int last) override {
        for (int g = first; g < last; ++g) forward_.run(in_.value, out_.value, g, bias_);
    }

    void backward(int first, int last) override {
        for (int g = first; g < last; ++g) {
            const float* value = in_.value.at(g, 0, -padding_.top, -padding_.left);
            weight_gradient_.add(out_.gradient, value, in_.value.row(), offsets_, stride_, g);
            for (auto& part : backward_) part.run(out_.gradient, in_.gradient, g, nullptr);
        }
    }

    void finish(float* gradient) override {
        weight_gradient_.write(gradient, static_cast<std::ptrdiff_t>(weights()));
    }

  private:
    int taps() const { return in_.value.shape.channels * kernel_ * kernel_; }

    // The data gradient of the pixels first, first + stride, ... of `length`, which kernel positions
    // that are `stride` apart have looked at.
    Axis backward(int first, int length, int padding) const {
        const int tap = (first + padding) % stride_;
        const int taps = tap < kernel_ ? (kernel_ - tap + stride_ - 1) / stride_ : 0;
        const int pixels = (length - first + stride_ - 1) / stride_;
        return {pixels, first, taps, tap, (first + padding - tap) / stride_};
    }

    Node<L>& in_;
    Node<L>& out_;
    const int kernel_, stride_;
    const Border padding_;
    const bool has_bias_;
    const float* bias_ = nullptr;
    Correlation<L> forward_;
    std::vector<Correlation<L>> backward_;
    WeightGradient<L> weight_gradient_;
    std::vector<std::ptrdiff_t> offsets_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
