// Dropout, with masks that the caller draws.
#pragma once

#include "graph.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// Sets features to zero where the mask does, and scales the others so that their mean stays
// (Srivastava et al. 2014); outside of training it changes nothing.
template <int L>
class Dropout final : public Layer<L> {
  public:
    static void add(Graph<L>& graph, Settings& settings) {
        const float rate = settings.number("p");
        settings.expect(rate > 0.0f && rate < 1.0f, "p", "above 0 and below 1");
        Node<L>& in = graph.last();
        const Shape shape = in.value.shape;
        graph.template add<Dropout>(in, shape, rate, graph.take_mask(shape.features()));
    }

    // `first` is where this layer's features begin in an image's mask.
    Dropout(Node<L>& in, Node<L>& out, float rate, std::ptrdiff_t first)
        : in_(in), out_(out), scale_(1.0f / (1.0f - rate)), first_(first) {}

    void allocate(int groups) override {
        factors_ = Buffer<float>(static_cast<std::size_t>(features()) * L * groups);
        group_ = groups > 1 ? static_cast<std::ptrdiff_t>(features()) * L : 0;
    }

    void begin(const float*, bool training) override { training_ = training; }

    // mask[image·stride + feature] is 1 where a feature is kept, for `count` images of a group.
    void load(const std::uint8_t* mask, std::ptrdiff_t stride, int group, int count) override {
        float* to = factors_.data() + group * group_;
        for (int lane = 0; lane < count; ++lane)
            for (int i = 0; i < features(); ++i)
                to[i * L + lane] = mask[lane * stride + first_ + i] ? scale_ : 0.0f;
    }

    void forward(int first, int last) override { pass(in_.value, out_.value, first, last); }
    void backward(int first, int last) override {
        if (in_.has_gradient) pass(out_.gradient, in_.gradient, first, last);
    }

  private:
    using S = Simd<L>;
    int features() const { return in_.value.shape.features(); }

    void pass(Tensor<L>& from, Tensor<L>& to, int first, int last) {
        const Shape& shape = in_.value.shape;
        for (int g = first; g < last; ++g) {
            const float* factor = factors_.data() + g * group_;
            for (int c = 0; c < shape.channels; ++c)
                for (int y = 0; y < shape.height; ++y) {
                    const float* source = from.at(g, c, y);
                    float* target = to.at(g, c, y);
                    for (int x = 0; x < shape.width; ++x, factor += L) {
                        const auto v = S::load(source + x * L);
                        S::store(target + x * L, training_ ? v * S::load(factor) : v);
                    }
                }
        }
    }

    Node<L>& in_;
    Node<L>& out_;
    const float scale_;
    const std::ptrdiff_t first_;
    bool training_ = false;
    std::ptrdiff_t group_ = 0;  // from group to group
    Buffer<float> factors_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
