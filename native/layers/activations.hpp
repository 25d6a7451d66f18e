// Activation functions.
#pragma once

#include "graph.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// The value, and the derivative as a function of that value, so that the output can take the place of
// the input. The value of NaN is NaN, so that divergence shows.
template <int L>
struct Relu {
    using Vec = typename Simd<L>::Vec;
    explicit Relu(Settings&) {}
    Vec value(Vec x) const { return select(x < 0.0f, Vec{}, x); }
    Vec derivative(Vec y) const { return select(y > 0.0f, Simd<L>::splat(1.0f), Vec{}); }
};

template <int L>
struct LeakyRelu {
    using Vec = typename Simd<L>::Vec;
    const float slope;
    explicit LeakyRelu(Settings& settings) : slope(settings.number("negative_slope")) {}
    Vec value(Vec x) const { return select(x > 0.0f, x, x * slope); }
    Vec derivative(Vec y) const { return select(y > 0.0f, Simd<L>::splat(1.0f), Simd<L>::splat(slope)); }
};

template <int L>
struct Elu {
    using Vec = typename Simd<L>::Vec;
    const float alpha;
    explicit Elu(Settings& settings) : alpha(settings.number("alpha")) {}
    Vec value(Vec x) const { return select(x > 0.0f, x, Simd<L>::expm1(x) * alpha); }
    Vec derivative(Vec y) const { return select(y > 0.0f, Simd<L>::splat(1.0f), y + alpha); }
};

template <int L>
struct Sigmoid {
    using Vec = typename Simd<L>::Vec;
    explicit Sigmoid(Settings&) {}
    Vec value(Vec x) const { return Simd<L>::sigmoid(x); }
    Vec derivative(Vec y) const { return y * (1.0f - y); }
};

template <int L>
struct Tanh {
    using Vec = typename Simd<L>::Vec;
    explicit Tanh(Settings&) {}
    Vec value(Vec x) const { return Simd<L>::tanh(x); }
    Vec derivative(Vec y) const { return fma(-y, y, Simd<L>::splat(1.0f)); }
};

template <int L, class Function>
class Activation final : public Layer<L> {
  public:
    static void add(Graph<L>& graph, Settings& settings) {
        const Function function(settings);
        Node<L>& in = graph.last();
        Node<L>& out = graph.in_place();
        graph.push(std::make_unique<Activation>(in, out, function), in, out);
        graph.pin();  // the backward pass reads it
    }

    // `in` and `out` may be the same node.
    Activation(Node<L>& in, Node<L>& out, Function function)
        : in_(in), out_(out), function_(function) {
        out.keep();
    }

    void forward(const Groups& groups) override {
        const Shape& shape = out_.value.shape;
        for (const int g : groups)
            for (int c = 0; c < shape.channels; ++c)
                for (int y = 0; y < shape.height; ++y) {
                    const float* from = in_.value.at(g, c, y);
                    float* to = out_.value.at(g, c, y);
                    for (int x = 0; x < shape.width; ++x)
                        S::store(to + x * L, function_.value(S::load(from + x * L)));
                }
    }

    void backward(const Groups& groups) override {
        if (!in_.has_gradient) return;
        const Shape& shape = out_.value.shape;
        for (const int g : groups)
            for (int c = 0; c < shape.channels; ++c)
                for (int y = 0; y < shape.height; ++y) {
                    const float* value = out_.value.at(g, c, y);
                    const float* from = out_.gradient.at(g, c, y);
                    float* to = in_.gradient.at(g, c, y);
                    for (int x = 0; x < shape.width; ++x)
                        S::store(to + x * L, S::load(from + x * L) *
                                                 function_.derivative(S::load(value + x * L)));
                }
    }

  private:
    using S = Simd<L>;
    Node<L>& in_;
    Node<L>& out_;
    const Function function_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
