// The same linear layer for every token, on one group of lanes at a time.
#pragma once

#include <array>
#include <utility>
#include <vector>

#include "graph.hpp"
#include "kernels/tile.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// out(q, token) = bias(q) + Σ in(c, token) · weight(q, c).
//
// A few tokens go through all outputs before the next ones, so that they stay in the first cache.
// The gradient of the weights sums over tokens and lanes: for that the values of a few tokens are
// transposed, and the vectors run along the inputs, so that the sums need no more room than the
// weights have.
template <int L>
class TokenLinear final : public Layer<L> {
  public:
    static void add(Graph<L>& graph, Settings& settings) {
        const int features = settings.positive("out_features");
        Node<L>& in = graph.tokens();
        const Shape from = in.value.shape;
        Graph<L>::shape(features, from.channels, 1);  // so many weights
        graph.template add<TokenLinear>(in, {features, 1, from.width});
    }

    TokenLinear(Node<L>& in, Node<L>& out) : in_(in), out_(out) { in.keep(); }

    std::size_t weights() const override { return static_cast<std::size_t>(outputs()) * (inputs() + 1); }

    void allocate(const Capacity& capacity) override {
        packed_ = Buffer<float>(static_cast<std::size_t>(outputs()) * inputs());
        if (in_.has_gradient) packed_back_ = Buffer<float>(packed_.size());
        for (int c = 0; c < inputs(); ++c)
            value_offsets_.push_back(static_cast<std::int32_t>(c * in_.value.channel()));
        for (int q = 0; q < outputs(); ++q)
            output_offsets_.push_back(static_cast<std::int32_t>(q * out_.gradient.channel()));
        row_ = (inputs() + L - 1) / L * L;
        for (int i = 0; i < kTokens * L; ++i)
            transposed_offsets_.push_back(static_cast<std::int32_t>(i * row_));
        slots_ = capacity.scratch;
        transposed_ = Buffer<float>(static_cast<std::size_t>(row_) * L * kTokens * slots_.slots);
        order_.allocate(capacity.groups());
        sums_ = Buffer<float>(static_cast<std::size_t>(row_) * outputs());
        bias_sums_ = Buffer<float>(static_cast<std::size_t>(outputs()) * L);
    }

    void begin(const float* weights, const float*, bool training) override {
        weights_ = weights;
        training_ = training;
    }
    void enter(int) override { order_.reset(); }

    void pack(const Share& share) override {
        pack(outputs(), inputs(), inputs(), 1, packed_.data(), share);
        if (!training_) return;
        if (in_.has_gradient) pack(inputs(), outputs(), 1, inputs(), packed_back_.data(), share);
        sums_.clear(share);
        bias_sums_.clear(share);
    }

    void forward(const Groups& groups) override {
        const float* const bias = weights_ + static_cast<std::ptrdiff_t>(outputs()) * inputs();
        for (const int g : groups)
            product(in_.value, value_offsets_, packed_.data(), bias, out_.value, g);
    }

    void backward(const Groups& groups) override {
        for (const int g : groups) {
            if (in_.has_gradient)
                product(out_.gradient, output_offsets_, packed_back_.data(), nullptr, in_.gradient, g);
            order_.wait(g);
            add_gradient(g);
            order_.pass(g);
        }
    }

    void finish(float* gradient, const Share& share) override {
        float* const bias = gradient + static_cast<std::ptrdiff_t>(outputs()) * inputs();
        const auto [first, last] = share.of(outputs());
        for (int q = first; q < last; ++q) {
            std::memcpy(gradient + static_cast<std::ptrdiff_t>(q) * inputs(), sums_.data() + q * row_,
                        sizeof(float) * inputs());
            bias[q] = S::sum(S::load(bias_sums_.data() + q * L));
        }
    }

  private:
    using S = Simd<L>;
    using Vec = typename S::Vec;
    static constexpr int kTokens = 4;  // transposed at a time

    int inputs() const { return in_.value.shape.channels; }
    int outputs() const { return out_.value.shape.channels; }
    int tokens() const { return in_.value.shape.width; }

    // The weights in the order in which the tiles read them; weight(q, c) is
    // weights[q·q_stride + c·c_stride]. A thread packs its share of the outputs.
    void pack(int outputs, int inputs, std::ptrdiff_t q_stride, std::ptrdiff_t c_stride, float* packed,
              const Share& share) const {
        const auto [begin, end] = share.of(outputs);
        for (int q0 = 0; q0 < outputs;) {
            const int size = part(outputs, kMaxOutputs<L>, q0);
            float* to = packed + static_cast<std::ptrdiff_t>(q0) * inputs;
            for (int c = 0; c < inputs && begin <= q0 && q0 < end; ++c)
                for (int q = 0; q < size; ++q)
                    *to++ = weights_[(q0 + q) * q_stride + c * c_stride];
            q0 += size;
        }
    }

    void product(Tensor<L>& source, const std::vector<std::int32_t>& offsets, const float* packed,
                 const float* bias, Tensor<L>& target, int g) {
        const int inputs = source.shape.channels, outputs = target.shape.channels;
        for (int t0 = 0; t0 < tokens();) {
            const int many = part(tokens(), kMaxVectors<L>, t0);
            const float* w = packed;
            for (int q0 = 0; q0 < outputs;) {
                const int size = part(outputs, kMaxOutputs<L>, q0);
                const Taps taps{1, 0, offsets.data(), inputs, 0, size, 1};
                kBlocks[(many - 1) * kMaxOutputs<L> + size - 1](
                    source.at(g, 0, 0, t0), w, taps, bias ? bias + q0 : nullptr,
                    target.at(g, q0, 0, t0), target.channel());
                w += static_cast<std::ptrdiff_t>(size) * inputs;
                q0 += size;
            }
            t0 += many;
        }
    }

    template <int P, int Q>
    static void block(const float* source, const float* w, const Taps& taps, const float* bias,
                      float* target, std::ptrdiff_t channel) {
        const float* x[P];
        SEEDBED_UNROLL
        for (int p = 0; p < P; ++p) x[p] = source + p * L;
        Tile<L, P, Q> tile;
        tile.template accumulate<true>(x, w, taps);
        SEEDBED_UNROLL
        for (int q = 0; q < Q; ++q) {
            const Vec b = S::splat(bias ? bias[q] : 0.0f);
            SEEDBED_UNROLL
            for (int p = 0; p < P; ++p) S::store(target + q * channel + p * L, tile.at[p][q] + b);
        }
    }

    void add_gradient(int g) {
        const int vectors = static_cast<int>(row_ / L);
        float* const transposed = transposed_.data() + slots_.of(g) * row_ * L * kTokens;
        for (int t0 = 0; t0 < tokens();) {
            const int many = part(tokens(), kTokens, t0);
            transpose(in_.value.at(g, 0, 0, t0), many, transposed);
            const float* const gradient = out_.gradient.at(g, 0, 0, t0);
            const Taps taps{1, 0, transposed_offsets_.data(), many * L, 0, 1,
                            out_.gradient.channel()};
            for (int v0 = 0; v0 < vectors;) {
                const int size = part(vectors, kMaxVectors<L>, v0);
                for (int q0 = 0; q0 < outputs();) {
                    const int rows = part(outputs(), kMaxOutputs<L>, q0);
                    kGradientBlocks[(size - 1) * kMaxOutputs<L> + rows - 1](
                        transposed + v0 * L, gradient + q0 * out_.gradient.channel(), taps,
                        sums_.data() + q0 * row_ + v0 * L, row_);
                    q0 += rows;
                }
                v0 += size;
            }
            for (int q = 0; q < outputs(); ++q) {
                Vec sum = S::load(bias_sums_.data() + q * L);
                const float* const row = gradient + q * out_.gradient.channel();
                for (int i = 0; i < many; ++i) sum += S::load(row + i * L);
                S::store(bias_sums_.data() + q * L, sum);
            }
            t0 += many;
        }
    }

    // Adds to the gradient of the weights of Q outputs and P vectors of inputs.
    template <int P, int Q>
    static void gradient_block(const float* transposed, const float* gradient, const Taps& taps,
                               float* sums, std::ptrdiff_t row) {
        const float* x[P];
        SEEDBED_UNROLL
        for (int p = 0; p < P; ++p) x[p] = transposed + p * L;
        Tile<L, P, Q> tile;
        tile.template accumulate<false>(x, gradient, taps);
        SEEDBED_UNROLL
        for (int q = 0; q < Q; ++q)
            SEEDBED_UNROLL
            for (int p = 0; p < P; ++p) {
                float* const to = sums + q * row + p * L;
                S::store(to, S::load(to) + tile.at[p][q]);
            }
    }

    // [input][token][lane] -> [token][lane][input]; inputs beyond the real ones stay 0.
    void transpose(const float* from, int tokens, float* to) {
        const std::ptrdiff_t channel = in_.value.channel();
        for (int c0 = 0; c0 < inputs(); c0 += L)
            for (int t = 0; t < tokens; ++t) {
                Vec block[L];
                SEEDBED_UNROLL
                for (int i = 0; i < L; ++i)
                    block[i] = c0 + i < inputs() ? S::load(from + (c0 + i) * channel + t * L) : Vec{};
                S::transpose(block);
                SEEDBED_UNROLL
                for (int lane = 0; lane < L; ++lane)
                    S::store(to + (t * L + lane) * row_ + c0, block[lane]);
            }
    }

    using Block = void (*)(const float*, const float*, const Taps&, const float*, float*, std::ptrdiff_t);
    using GradientBlock = void (*)(const float*, const float*, const Taps&, float*, std::ptrdiff_t);
    template <int... I>
    static constexpr std::array<Block, sizeof...(I)> table(std::integer_sequence<int, I...>) {
        return {&TokenLinear::template block<I / kMaxOutputs<L> + 1, I % kMaxOutputs<L> + 1>...};
    }
    template <int... I>
    static constexpr std::array<GradientBlock, sizeof...(I)> gradient_table(
        std::integer_sequence<int, I...>) {
        return {&TokenLinear::template gradient_block<I / kMaxOutputs<L> + 1, I % kMaxOutputs<L> + 1>...};
    }
    using Indices = std::make_integer_sequence<int, kMaxVectors<L> * kMaxOutputs<L>>;
    static constexpr auto kBlocks = table(Indices{});
    static constexpr auto kGradientBlocks = gradient_table(Indices{});

    Node<L>& in_;
    Node<L>& out_;
    const float* weights_ = nullptr;
    bool training_ = false;
    Slots slots_;
    Order order_;
    std::ptrdiff_t row_ = 0;  // of transposed_ and of sums_
    Buffer<float> packed_, packed_back_, transposed_, sums_, bias_sums_;
    std::vector<std::int32_t> value_offsets_, output_offsets_, transposed_offsets_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
