// Layer normalization over the features of each position (Ba et al. 2016), as torch.nn.LayerNorm.
#pragma once

#include <vector>

#include "graph.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

//   out(c) = n(c) · weight(c) + bias(c),   n(c) = (in(c) - mean) / √(variance + 10⁻⁵)
//
// with mean and variance over the channels c of one position of one image.
template <int L>
class LayerNorm final : public Layer<L> {
  public:
    static void add(Graph<L>& graph, Settings&) {
        Node<L>& in = graph.last();
        graph.template add<LayerNorm>(in, in.value.shape);
    }

    LayerNorm(Node<L>& in, Node<L>& out) : in_(in), out_(out) { in.keep(); }

    bool can_add_gradient() const override { return true; }
    void add_gradient() override { adds_ = true; }

    std::size_t weights() const override { return 2 * static_cast<std::size_t>(channels()); }

    void allocate(const Capacity& capacity) override {
        const Shape& shape = in_.value.shape;
        mean_.shape = inverse_.shape = {1, shape.height, shape.width};
        mean_.allocate(capacity.kept);
        inverse_.allocate(capacity.kept);
        sums_ = Buffer<float>(weights() * L);
        order_.allocate(capacity.groups());
    }

    void begin(const float* weights, const float*, bool) override {
        weight_ = weights;
        bias_ = weights + channels();
    }
    void enter(int) override {
        sums_.clear();
        order_.reset();
    }

    void forward(const Groups& groups) override {
        for (const int g : groups)
            each_block([this, g](int y, int x, auto size) { normalize<size()>(g, y, x); });
    }

    void backward(const Groups& groups) override {
        for (const int g : groups) {
            order_.wait(g);
            each_block([this, g](int y, int x, auto size) { differentiate<size()>(g, y, x); });
            order_.pass(g);
        }
    }

    void finish(float* gradient, const Share& share) override {
        const auto [first, last] = share.of(static_cast<std::ptrdiff_t>(weights()));
        for (std::ptrdiff_t i = first; i < last; ++i) gradient[i] = S::sum(S::load(sums_.data() + i * L));
    }

  private:
    using S = Simd<L>;
    using Vec = typename S::Vec;
    static constexpr int kPositions = 4;  // positions that are normalized side by side

    int channels() const { return in_.value.shape.channels; }

    template <class Body>
    SEEDBED_INLINE void each_block(Body body) {
        const Shape& shape = in_.value.shape;
        for (int y = 0; y < shape.height; ++y) {
            int x = 0;
            for (; x + kPositions <= shape.width; x += kPositions)
                body(y, x, std::integral_constant<int, kPositions>{});
            for (; x < shape.width; ++x) body(y, x, std::integral_constant<int, 1>{});
        }
    }

    template <int P>
    void normalize(int g, int y, int x) {
        const std::ptrdiff_t in_step = in_.value.channel(), out_step = out_.value.channel();
        const float* const from = in_.value.at(g, 0, y, x);
        float* const to = out_.value.at(g, 0, y, x);
        const float scale = 1.0f / static_cast<float>(channels());
        Vec mean[P] = {}, variance[P] = {};
        for (int c = 0; c < channels(); ++c)
            SEEDBED_UNROLL
            for (int p = 0; p < P; ++p) mean[p] += S::load(from + c * in_step + p * L);
        SEEDBED_UNROLL
        for (int p = 0; p < P; ++p) mean[p] *= scale;
        for (int c = 0; c < channels(); ++c)
            SEEDBED_UNROLL
            for (int p = 0; p < P; ++p) {
                const Vec d = S::load(from + c * in_step + p * L) - mean[p];
                variance[p] = fma(d, d, variance[p]);
            }
        Vec inverse[P];
        SEEDBED_UNROLL
        for (int p = 0; p < P; ++p) {
            inverse[p] = S::inverse_root(variance[p] * scale + 1e-5f);
            S::store(mean_.at(g, 0, y, x + p), mean[p]);
            S::store(inverse_.at(g, 0, y, x + p), inverse[p]);
        }
        for (int c = 0; c < channels(); ++c) {
            const Vec weight = S::splat(weight_[c]), bias = S::splat(bias_[c]);
            SEEDBED_UNROLL
            for (int p = 0; p < P; ++p) {
                const Vec n = (S::load(from + c * in_step + p * L) - mean[p]) * inverse[p];
                S::store(to + c * out_step + p * L, fma(n, weight, bias));
            }
        }
    }

    // With e(c) = d(c) · weight(c) the gradient of n(c), that of in(c) is
    // (e(c) - mean of e - n(c) · mean of e n) / √(variance + 10⁻⁵).
    template <int P>
    void differentiate(int g, int y, int x) {
        const std::ptrdiff_t in_step = in_.value.channel(), out_step = out_.gradient.channel();
        const float* const value = in_.value.at(g, 0, y, x);
        const float* const from = out_.gradient.at(g, 0, y, x);
        float* const weight_sums = sums_.data();
        float* const bias_sums = weight_sums + static_cast<std::ptrdiff_t>(channels()) * L;
        const float scale = 1.0f / static_cast<float>(channels());
        Vec mean[P], inverse[P], sum[P] = {}, product[P] = {};
        SEEDBED_UNROLL
        for (int p = 0; p < P; ++p) {
            mean[p] = S::load(mean_.at(g, 0, y, x + p));
            inverse[p] = S::load(inverse_.at(g, 0, y, x + p));
        }
        for (int c = 0; c < channels(); ++c) {
            const Vec weight = S::splat(weight_[c]);
            Vec weight_sum = S::load(weight_sums + c * L), bias_sum = S::load(bias_sums + c * L);
            SEEDBED_UNROLL
            for (int p = 0; p < P; ++p) {
                const Vec d = S::load(from + c * out_step + p * L);
                const Vec n = (S::load(value + c * in_step + p * L) - mean[p]) * inverse[p];
                weight_sum = fma(d, n, weight_sum);
                bias_sum += d;
                sum[p] += d * weight;
                product[p] = fma(d * weight, n, product[p]);
            }
            S::store(weight_sums + c * L, weight_sum);
            S::store(bias_sums + c * L, bias_sum);
        }
        if (!in_.has_gradient) return;
        const std::ptrdiff_t to_step = in_.gradient.channel();
        float* const to = in_.gradient.at(g, 0, y, x);
        SEEDBED_UNROLL
        for (int p = 0; p < P; ++p) {
            sum[p] *= scale;
            product[p] *= scale;
        }
        for (int c = 0; c < channels(); ++c) {
            const Vec weight = S::splat(weight_[c]);
            SEEDBED_UNROLL
            for (int p = 0; p < P; ++p) {
                const Vec n = (S::load(value + c * in_step + p * L) - mean[p]) * inverse[p];
                const Vec d = fma(S::load(from + c * out_step + p * L), weight, -sum[p]);
                const Vec found = fma(-n, product[p], d) * inverse[p];
                float* const at = to + c * to_step + p * L;
                S::store(at, adds_ ? S::load(at) + found : found);
            }
        }
    }

    Node<L>& in_;
    Node<L>& out_;
    bool adds_ = false;
    const float* weight_ = nullptr;
    const float* bias_ = nullptr;
    Tensor<L> mean_, inverse_;
    Order order_;
    Buffer<float> sums_;  // gradients of weight and bias, a sum a lane
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
