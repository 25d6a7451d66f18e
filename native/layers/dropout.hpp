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

    void allocate(const Capacity& capacity) override {
        slots_ = capacity.kept;
        factors_ = Buffer<float>(static_cast<std::size_t>(features()) * L * slots_.slots);
    }

    void begin(const float*, const float*, bool training) override { training_ = training; }

    // mask[image·stride + feature] is 1 where a feature is kept, for `count` images of a group.
    void load(const std::uint8_t* mask, std::ptrdiff_t stride, int group, int count) override {
        float* to = factors(group);
        for (int lane = 0; lane < count; ++lane)
            for (int i = 0; i < features(); ++i)
                to[i * L + lane] = mask[lane * stride + first_ + i] ? scale_ : 0.0f;
    }

    void forward(const Groups& groups) override { pass(in_.value, out_.value, groups); }
    void backward(const Groups& groups) override {
        if (in_.has_gradient) pass(out_.gradient, in_.gradient, groups);
    }

  private:
    using S = Simd<L>;
    int features() const { return in_.value.shape.features(); }

    float* factors(int group) {
        return factors_.data() + static_cast<std::ptrdiff_t>(slots_.of(group)) * features() * L;
    }

    void pass(Tensor<L>& from, Tensor<L>& to, const Groups& groups) {
        const Shape& shape = in_.value.shape;
        for (const int g : groups) {
            const float* factor = factors(g);
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
    Slots slots_;
    Buffer<float> factors_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
