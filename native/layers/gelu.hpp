// The Gaussian error linear unit x · Φ(x) (Hendrycks and Gimpel 2016), Φ being the normal
// distribution: torch.nn.GELU in its exact form.
#pragma once

#include "graph.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// Φ(x) and its derivative.
template <int L>
struct Normal {
    using S = Simd<L>;
    using Vec = typename S::Vec;
    Vec distribution, density;

    // Φ(-|x|) = e^(-x²/2) · t p(t) with t = 1 / (1 + 0.3 |x|), p fitted for |x| < 13.3 so that the
    // largest relative error is smallest: 1.2e-7, to which rounding adds, up to 1e-6 far out, where
    // Φ is next to nothing. For larger |x|, e^(-x²/2) is as good as 0.
    explicit SEEDBED_INLINE Normal(Vec x) {
        const Vec e = S::exp(x * x * -0.5f);
        const Vec t = 1.0f / fma(S::abs(x), kScale, 1.0f);
        Vec p = S::splat(kCoefficients[7]);
        SEEDBED_UNROLL
        for (int i = 6; i >= 0; --i) p = fma(p, t, kCoefficients[i]);
        const Vec tail = p * t * e;
        distribution = select(x > 0.0f, 1.0f - tail, tail);
        density = e * 0.398942280401432678f;
    }

    static constexpr float kScale = 0.3f;
    static constexpr float kCoefficients[] = {
        1.196251661e-01f, 1.208168864e-01f, 9.952311963e-02f, 1.298432201e-01f,
        -5.609548464e-02f, 2.089641243e-01f, -1.587133259e-01f, 3.603622690e-02f};
};

template <int L>
class Gelu final : public Layer<L> {
  public:
    static void add(Graph<L>& graph, Settings&) {
        Node<L>& in = graph.last();
        Node<L>& out = graph.in_place();
        graph.push(std::make_unique<Gelu>(in, out), in, out);
    }

    // `in` and `out` may be the same node.
    Gelu(Node<L>& in, Node<L>& out) : in_(in), out_(out) {}

    void allocate(const Capacity& capacity) override {
        if (!in_.has_gradient) return;
        derivative_.shape = in_.value.shape;
        derivative_.allocate(capacity.kept);
    }

    void begin(const float*, const float*, bool training) override { training_ = training && in_.has_gradient; }

    void forward(const Groups& groups) override {
        each_row(in_.value.shape, groups, [this](int g, int c, int y, int width) {
            const float* from = in_.value.at(g, c, y);
            float* to = out_.value.at(g, c, y);
            float* derivative = training_ ? derivative_.at(g, c, y) : nullptr;
            for (int x = 0; x < width; ++x) {
                const auto v = S::load(from + x * L);
                const Normal<L> normal(v);
                S::store(to + x * L, v * normal.distribution);
                if (derivative)
                    S::store(derivative + x * L, fma(v, normal.density, normal.distribution));
            }
        });
    }

    void backward(const Groups& groups) override {
        if (!in_.has_gradient) return;
        each_row(in_.value.shape, groups, [this](int g, int c, int y, int width) {
            const float* from = out_.gradient.at(g, c, y);
            const float* derivative = derivative_.at(g, c, y);
            float* to = in_.gradient.at(g, c, y);
            for (int x = 0; x < width; ++x)
                S::store(to + x * L, S::load(from + x * L) * S::load(derivative + x * L));
        });
    }

  private:
    using S = Simd<L>;
    Node<L>& in_;
    Node<L>& out_;
    bool training_ = false;
    Tensor<L> derivative_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
