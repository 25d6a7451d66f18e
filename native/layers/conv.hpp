// Convolution, as torch.nn.Conv2d: forward, data gradient and weight gradient.
#pragma once

#include <algorithm>
#include <vector>

#include "graph.hpp"
#include "kernels/correlation.hpp"
#include "kernels/weight_gradient.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

template <int L>
class Convolution final : public Layer<L> {
  public:
    // `padding`: top, left, bottom, right.
    static void add(Graph<L>& graph, Settings& settings) {
        const int channels = settings.positive("out_channels");
        const int kernel = settings.positive("kernel_size"), stride = settings.positive("stride");
        const std::vector<int> sides = settings.counts("padding", 4);
        const bool bias = settings.flag("bias");
        const Border padding{sides[0], sides[1], sides[2], sides[3]};
        Node<L>& in = graph.pixels();
        const Shape from = in.value.shape;
        const Shape padded =
            Graph<L>::shape(from.channels, 0LL + padding.top + from.height + padding.bottom,
                            0LL + padding.left + from.width + padding.right);
        Border& border = in.value.border;  // which a shortcut's convolution may need larger
        border = {std::max(border.top, padding.top), std::max(border.left, padding.left),
                  std::max(border.bottom, padding.bottom), std::max(border.right, padding.right)};
        graph.template add<Convolution>(in,
                                        {channels, graph.windows(padded.height, kernel, stride),
                                         graph.windows(padded.width, kernel, stride)},
                                        kernel, stride, padding, bias);
    }

    // The input's border covers the padding.
    Convolution(Node<L>& in, Node<L>& out, int kernel, int stride, Border padding, bool bias)
        : in_(in), out_(out), kernel_(kernel), stride_(stride), padding_(padding), has_bias_(bias) {
        const Shape& from = in.value.shape;
        const Shape& to = out.value.shape;
        in.keep();
        forward_.rows = {to.height, 0, kernel, 0, -padding.top};
        forward_.columns = {to.width, 0, kernel, 0, -padding.left};
        forward_.stride = stride;
        in.value.border.right = std::max(in.value.border.right, forward_.border(from, to).second);
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
            const auto [left, right] = part.border(to, from);
            border.left = std::max(border.left, left);
            border.right = std::max(border.right, right);
        }
    }

    std::size_t weights() const override {
        return static_cast<std::size_t>(out_.value.shape.channels) * (taps() + (has_bias_ ? 1 : 0));
    }

    void allocate(const Capacity& capacity) override {
        const int inputs = in_.value.shape.channels, outputs = out_.value.shape.channels;
        forward_.allocate(in_.value, out_.value.shape, capacity.scratch);
        for (auto& part : backward_) part.allocate(out_.gradient, in_.value.shape, capacity.scratch);
        weight_gradient_.allocate(outputs, taps(), has_bias_, capacity.groups());
        weight_gradient_.allow_winograd(kernel_, stride_, inputs, out_.value.shape, capacity.scratch);
        for (int c = 0; c < inputs; ++c)
            for (int ky = 0; ky < kernel_; ++ky)
                for (int kx = 0; kx < kernel_; ++kx)
                    offsets_.push_back(c * in_.value.channel() + ky * in_.value.row() + kx * L);
    }

    void begin(const float* weights, const float*, bool training) override {
        weights_ = weights;
        training_ = training;
    }
    void enter(int) override { weight_gradient_.enter(); }

    void pack(const Share& share) override {
        const std::ptrdiff_t square = static_cast<std::ptrdiff_t>(kernel_) * kernel_;
        const std::ptrdiff_t output = square * in_.value.shape.channels;
        forward_.pack(weights_, kernel_, output, square, share);
        if (!training_) return;
        for (auto& part : backward_) part.pack(weights_, kernel_, square, output, share);
    }

    void forward(const Groups& groups) override {
        const std::ptrdiff_t count = static_cast<std::ptrdiff_t>(out_.value.shape.channels) * taps();
        const float* const bias = has_bias_ ? weights_ + count : nullptr;
        for (const int g : groups) forward_.run(in_.value, out_.value, g, bias);
    }

    void backward(const Groups& groups) override {
        for (const int g : groups) {
            for (auto& part : backward_) part.run(out_.gradient, in_.gradient, g, nullptr);
            const float* value = in_.value.at(g, 0, -padding_.top, -padding_.left);
            weight_gradient_.add(out_.gradient, value, in_.value.row(), offsets_, stride_, g);
        }
    }

    void finish(float* gradient, const Share& share) override {
        weight_gradient_.write(gradient, share.of(static_cast<std::ptrdiff_t>(weights())));
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
    const float* weights_ = nullptr;
    bool training_ = false;
    Correlation<L> forward_;
    std::vector<Correlation<L>> backward_;
    WeightGradient<L> weight_gradient_;
    std::vector<std::ptrdiff_t> offsets_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
