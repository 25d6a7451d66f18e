// Convolution: forward, data gradient and weight gradient.
#pragma once

#include <array>
#include <utility>
#include <vector>

#include "tensor.hpp"
#include "tile.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// Cross-correlation of a source with a kernel, which is the forward pass (step +1) and, with the
// kernel's two channel axes exchanged, the data gradient (step -1):
//
//   target(q, y, x) = bias(q) + Σ source(c, y·stride + step·ky + row, x·stride + step·kx + column)
//                                · weight(q, ky, kx, c)
//
// Kernel rows that fall outside of the source are left out; so are kernel columns that do so for
// all pixels of a tile. The source's border covers what remains.
template <int L>
class Correlation {
  public:
    int kernel, stride, step, row, column;

    // `width`: of the target.
    void allocate(Tensor<L>& source, int outputs, int width) {
        channels_ = source.shape.channels;
        outputs_ = outputs;
        packed_ = Buffer<float>(static_cast<std::size_t>(outputs) * channels_ * kernel * kernel);
        offsets_.clear();
        for (int kx = 0; kx < kernel; ++kx)
            for (int c = 0; c < channels_; ++c)
                offsets_.push_back(static_cast<std::int32_t>(c * source.channel() + step * kx * L));
        // At the edges of a data gradient many kernel columns fall outside: narrow tiles leave more
        // of them out.
        const int edge = step < 0 ? std::min(kernel - 1, width / 2) : 0;
        widths_.clear();
        for (const auto& [length, most] : {std::pair{edge, kMaxVectors / 2},
                                          std::pair{width - 2 * edge, kMaxVectors},
                                          std::pair{edge, kMaxVectors / 2}})
            for (int x = 0; x < length; x += widths_.back())
                widths_.push_back(part(length, most, x));
    }

    // weight(q, ky, kx, c) is weights[q·q_stride + c·c_stride + ky·kernel + kx].
    void pack(const float* weights, std::ptrdiff_t q_stride, std::ptrdiff_t c_stride) {
        float* to = packed_.data();
        for (int q0 = 0; q0 < outputs_;) {
            const int size = part(outputs_, kMaxOutputs, q0);
            for (int k = 0; k < kernel * kernel; ++k)
                for (int c = 0; c < channels_; ++c)
                    for (int q = 0; q < size; ++q)
                        *to++ = weights[(q0 + q) * q_stride + c * c_stride + k];
            q0 += size;
        }
    }

    void run(Tensor<L>& source, Tensor<L>& target, int group, const float* bias) {
        const float* w = packed_.data();
        for (int q0 = 0; q0 < outputs_;) {
            const int outputs = part(outputs_, kMaxOutputs, q0);
            int x0 = 0;
            for (const int vectors : widths_) {
                const auto columns = kColumns[(vectors - 1) * kMaxOutputs + outputs - 1];
                (this->*columns)(source, target, group, q0, x0, w, bias);
                x0 += vectors;
            }
            w += static_cast<std::ptrdiff_t>(outputs) * channels_ * kernel * kernel;
            q0 += outputs;
        }
    }

  private:
    using S = Simd<L>;

    // The kernel positions k in [first, last) for which some of positions
    // start·stride + step·k + shift, for `count` starts, lie in [0, length).
    std::pair<int, int> inside(int start, int count, int shift, int length) const {
        const int low = start * stride + shift, high = (start + count - 1) * stride + shift;
        int first = 0, last = kernel;
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
    void columns(Tensor<L>& source, Tensor<L>& target, int group, int q0, int x0, const float* w,
                 const float* bias) {
        const auto [kx0, kx1] = inside(x0, P, column, source.shape.width);
        const std::ptrdiff_t w_row = static_cast<std::ptrdiff_t>(kernel) * channels_ * Q;
        for (int y = 0; y < target.shape.height; ++y) {
            const auto [ky0, ky1] = inside(y, 1, row, source.shape.height);
            const Taps taps{ky1 - ky0, step * source.row(), offsets_.data() + kx0 * channels_,
                            (kx1 - kx0) * channels_, w_row, Q, 1};
            const float* x[P];
            const float* first =
                source.at(group, 0, y * stride + step * ky0 + row, x0 * stride + column);
            SEEDBED_UNROLL
            for (int p = 0; p < P; ++p) x[p] = first + static_cast<std::ptrdiff_t>(p) * stride * L;
            Tile<L, P, Q> tile;
            tile.template accumulate<true>(
                x, w + ky0 * w_row + static_cast<std::ptrdiff_t>(kx0) * channels_ * Q, taps);
            float* to = target.at(group, q0, y, x0);
            SEEDBED_UNROLL
            for (int q = 0; q < Q; ++q) {
                const auto b = S::splat(bias ? bias[q0 + q] : 0.0f);
                SEEDBED_UNROLL
                for (int p = 0; p < P; ++p)
                    S::store(to + q * target.channel() + p * L, tile.at[p][q] + b);
            }
        }
    }

    using Columns = void (Correlation::*)(Tensor<L>&, Tensor<L>&, int, int, int, const float*,
                                          const float*);
    template <int... I>
    static constexpr std::array<Columns, sizeof...(I)> table(std::integer_sequence<int, I...>) {
        return {&Correlation::template columns<I / kMaxOutputs + 1, I % kMaxOutputs + 1>...};
    }
    static constexpr auto kColumns =
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

    // gradient[q·taps + t], and then the biases.
    void write(float* gradient) const {
        const std::ptrdiff_t count = static_cast<std::ptrdiff_t>(outputs_) * (taps_ + 1);
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
    // The input's border is the padding of the convolution.
    Convolution(Node<L>& in, Node<L>& out, int kernel, int stride)
        : in_(in), out_(out), kernel_(kernel), stride_(stride) {
        const Shape& from = in.value.shape;
        const Shape& to = out.value.shape;
        const Border& padding = in.value.border;
        in.keep();
        forward_.kernel = backward_.kernel = kernel;
        forward_.stride = stride;
        forward_.step = 1;
        forward_.row = -padding.top;
        forward_.column = -padding.left;
        // With a stride, the gradient is spread out, with zeros between.
        dilated_.shape = {to.channels, (to.height - 1) * stride + 1, (to.width - 1) * stride + 1};
        backward_.stride = 1;
        backward_.step = -1;
        backward_.row = padding.top;
        backward_.column = padding.left;
        Border& border = stride == 1 ? out.gradient.border : dilated_.border;
        if (in.has_gradient) {
            border.left = std::max(0, kernel - 1 - padding.left);
            border.right = std::max(0, from.width + padding.left - dilated_.shape.width);
        }
    }

    std::size_t weights() const override {
        return static_cast<std::size_t>(out_.value.shape.channels) * (taps() + 1);
    }

    void allocate(int) override {
        const int inputs = in_.value.shape.channels, outputs = out_.value.shape.channels;
        forward_.allocate(in_.value, outputs, out_.value.shape.width);
        if (stride_ > 1) dilated_.allocate(1);
        if (in_.has_gradient) backward_.allocate(spread(), inputs, in_.value.shape.width);
        weight_gradient_.allocate(outputs, taps());
        for (int c = 0; c < inputs; ++c)
            for (int ky = 0; ky < kernel_; ++ky)
                for (int kx = 0; kx < kernel_; ++kx)
                    offsets_.push_back(c * in_.value.channel() + ky * in_.value.row() + kx * L);
    }

    void begin(const float* weights, bool training) override {
        const std::ptrdiff_t square = static_cast<std::ptrdiff_t>(kernel_) * kernel_;
        const std::ptrdiff_t output = square * in_.value.shape.channels;
        forward_.pack(weights, output, square);
        bias_ = weights + output * out_.value.shape.channels;
        if (!training) return;
        if (in_.has_gradient) backward_.pack(weights, square, output);
        weight_gradient_.clear();
    }

    void forward(int first, int last) override {
        for (int g = first; g < last; ++g) forward_.run(in_.value, out_.value, g, bias_);
    }

    void backward(int first, int last) override {
        const Border& padding = in_.value.border;
        for (int g = first; g < last; ++g) {
            const float* value = in_.value.at(g, 0, -padding.top, -padding.left);
            weight_gradient_.add(out_.gradient, value, in_.value.row(), offsets_, stride_, g);
            if (!in_.has_gradient) continue;
            if (stride_ > 1) dilate(g);
            backward_.run(spread(), in_.gradient, stride_ > 1 ? 0 : g, nullptr);
        }
    }

    void finish(float* gradient) override { weight_gradient_.write(gradient); }

  private:
    int taps() const { return in_.value.shape.channels * kernel_ * kernel_; }
    Tensor<L>& spread() { return stride_ > 1 ? dilated_ : out_.gradient; }

    void dilate(int g) {
        const Shape& to = out_.value.shape;
        for (int q = 0; q < to.channels; ++q)
            for (int y = 0; y < to.height; ++y)
                for (int x = 0; x < to.width; ++x)
                    Simd<L>::store(dilated_.at(0, q, y * stride_, x * stride_),
                                   Simd<L>::load(out_.gradient.at(g, q, y, x)));
    }

    Node<L>& in_;
    Node<L>& out_;
    const int kernel_, stride_;
    const float* bias_ = nullptr;
    Correlation<L> forward_{}, backward_{};
    WeightGradient<L> weight_gradient_;
    Tensor<L> dilated_;
    std::vector<std::ptrdiff_t> offsets_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
