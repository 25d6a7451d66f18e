// Multi-head self-attention between queries, keys and values (Vaswani et al. 2017, section 3.2).
#pragma once

#include <cmath>

#include "graph.hpp"
#include "kernels/lane_product.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// From 3·width features a token (queries, keys, values; each head after head, as in_proj_weight of
// torch.nn.MultiheadAttention makes them) to width features: for each head,
//
//   out = softmax(queries · keysᵀ / √(features of a head)) · values
//
// The linear layers before and behind it are layers of their own. Only as many tokens look as the
// output has, the first ones; they look at all.
template <int L>
class Attention final : public Layer<L> {
  public:
    // Of every token, or of the first one alone, where nobody asks for the others.
    static void add(Graph<L>& graph, Settings& settings) {
        const int heads = settings.positive("num_heads");
        const bool first_only = settings.flag("first_only");
        Node<L>& in = graph.tokens();
        const Shape from = in.value.shape;
        if (from.channels % (3LL * heads) != 0)
            throw std::invalid_argument("heads that do not divide the features");
        Graph<L>::shape(heads, from.width, from.width);
        graph.template add<Attention>(in, {from.channels / 3, 1, first_only ? 1 : from.width}, heads);
    }

    Attention(Node<L>& in, Node<L>& out, int heads) : in_(in), out_(out), heads_(heads) {
        in.keep();
    }

    void allocate(const Capacity& capacity) override {
        probabilities_.shape = {heads_, queries(), tokens()};
        probabilities_.allocate(capacity.kept);
        slopes_.shape = {1, queries(), tokens()};
        slopes_.allocate(capacity.scratch);
    }

    void forward(const Groups& groups) override {
        for (const int g : groups)
            for (int h = 0; h < heads_; ++h) {
                const LaneMatrix weights = probabilities(g, h);
                LaneProduct<L>::run(queries(), tokens(), features(), part(in_.value, g, h, 0),
                                    part(in_.value, g, h, 1).transposed(), weights, scale());
                for (int i = 0; i < queries(); ++i) softmax(weights.data + i * weights.row);
                LaneProduct<L>::run(queries(), features(), tokens(), weights,
                                    part(in_.value, g, h, 2), part(out_.value, g, h, 0));
            }
    }

    void backward(const Groups& groups) override {
        if (!in_.has_gradient) return;
        for (const int g : groups)
            for (int h = 0; h < heads_; ++h) {
                const LaneMatrix slopes{slopes_.at(g), slopes_.row(), L};
                const LaneMatrix weights = probabilities(g, h), out = part(out_.gradient, g, h, 0);
                LaneProduct<L>::run(tokens(), features(), queries(), weights.transposed(), out,
                                    part(in_.gradient, g, h, 2));
                LaneProduct<L>::run(queries(), tokens(), features(), out,
                                    part(in_.value, g, h, 2).transposed(), slopes);
                for (int i = 0; i < queries(); ++i)
                    through_softmax(weights.data + i * weights.row, slopes.data + i * slopes.row);
                LaneProduct<L>::run(queries(), features(), tokens(), slopes, part(in_.value, g, h, 1),
                                    part(in_.gradient, g, h, 0), scale());
                LaneProduct<L>::run(tokens(), features(), queries(), slopes.transposed(),
                                    part(in_.value, g, h, 0), part(in_.gradient, g, h, 1), scale());
                if (queries() < tokens()) clear_other_queries(g, h);
            }
    }

  private:
    using S = Simd<L>;
    using Vec = typename S::Vec;

    int tokens() const { return in_.value.shape.width; }
    int queries() const { return out_.value.shape.width; }
    int features() const { return out_.value.shape.channels / heads_; }  // of a head
    float scale() const { return 1.0f / std::sqrt(static_cast<float>(features())); }

    // Tokens × features of a head: of queries (0), keys (1) or values (2).
    LaneMatrix part(Tensor<L>& tensor, int g, int head, int which) const {
        const int channel = which * out_.value.shape.channels + head * features();
        return {tensor.at(g, channel), L, tensor.channel()};
    }

    // Tokens that look × tokens that are looked at.
    LaneMatrix probabilities(int g, int head) {
        return {probabilities_.at(g, head), probabilities_.row(), L};
    }

    void clear_other_queries(int g, int head) {
        for (int f = 0; f < features(); ++f)
            std::memset(in_.gradient.at(g, head * features() + f, 0, queries()), 0,
                        sizeof(float) * L * (tokens() - queries()));
    }

    void softmax(float* row) const {
        Vec largest = S::load(row);
        for (int j = 1; j < tokens(); ++j) largest = S::max(S::load(row + j * L), largest);
        Vec sum{};
        for (int j = 0; j < tokens(); ++j) {
            const Vec e = S::exp(S::load(row + j * L) - largest);
            S::store(row + j * L, e);
            sum += e;
        }
        const Vec inverse = 1.0f / sum;
        for (int j = 0; j < tokens(); ++j) S::store(row + j * L, S::load(row + j * L) * inverse);
    }

    // From the gradient of a row of probabilities p to that of its scores: p · (d - Σ p d).
    void through_softmax(const float* row, float* slopes) const {
        Vec mean{};
        for (int j = 0; j < tokens(); ++j) mean = fma(S::load(row + j * L), S::load(slopes + j * L), mean);
        for (int j = 0; j < tokens(); ++j)
            S::store(slopes + j * L, S::load(row + j * L) * (S::load(slopes + j * L) - mean));
    }

    Node<L>& in_;
    Node<L>& out_;
    const int heads_;
    Tensor<L> probabilities_, slopes_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
