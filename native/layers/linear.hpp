// Fully connected layers, for all groups of lanes of a batch at once, so that weights are read once.
#pragma once

#include <array>
#include <utility>
#include <vector>

#include "graph.hpp"
#include "kernels/tile.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

template <int L>
class Linear final : public Layer<L> {
  public:
    static void add(Graph<L>& graph, Settings& settings) {
        const int features = settings.positive("out_features");
        graph.template add<Linear>(graph.dense(), {features, 1, 1});
    }

    Linear(Node<L>& in, Node<L>& out) : in_(in), out_(out) { in.keep(); }

    std::size_t weights() const override { return static_cast<std::size_t>(outputs()) * (inputs() + 1); }

    bool gives_logits() const override { return true; }

    void allocate(const Capacity& capacity) override {
        value_offsets_ = offsets(in_.value);
        if (in_.has_gradient) gradient_offsets_ = offsets(in_.gradient);
        output_offsets_ = offsets(out_.value);
        row_ = (inputs() + L - 1) / L * L;
        for (int lane = 0; lane < L; ++lane)
            lane_offsets_.push_back(static_cast<std::int32_t>(lane * row_));
        transposed_ = Buffer<float>(static_cast<std::size_t>(row_) * L * capacity.groups());
    }

    void begin(const float* weights, const float*, bool) override { weights_ = weights; }
    void enter(int images) override { groups_ = (images + L - 1) / L; }

    void forward(const Groups& groups) override {
        const float* bias = weights_ + static_cast<std::ptrdiff_t>(outputs()) * inputs();
        const Taps taps{1, 0, value_offsets_.data(), inputs(), 0, 1, inputs()};
        by_groups<false>(in_.value, out_.value, output_offsets_, taps, inputs(), bias, groups);
    }

    void backward(const Groups& groups) override {
        transpose(groups);
        if (!in_.has_gradient) return;
        const Taps taps{1, 0, output_offsets_.data(), outputs(), 0, inputs(), 1};
        by_groups<true>(out_.gradient, in_.gradient, gradient_offsets_, taps, 1, nullptr, groups);
    }

    void finish(float* gradient, const Share& share) override {
        const Taps taps{groups_, row_ * L, lane_offsets_.data(), L, out_.gradient.group(), 1, L};
        const int vectors = static_cast<int>(row_ / L);
        const auto [begin, end] =
            share.of(parts(vectors, kMaxVectors<L>) * parts(outputs(), kMaxOutputs<L>));
        int blocks = 0;
        for (int v0 = 0; v0 < vectors;) {
            const int size = part(vectors, kMaxVectors<L>, v0);
            for (int o0 = 0; o0 < outputs(); ++blocks) {
                const int many = part(outputs(), kMaxOutputs<L>, o0);
                const auto block = kGradientBlocks[(size - 1) * kMaxOutputs<L> + many - 1];
                if (begin <= blocks && blocks < end) (this->*block)(gradient, taps, v0, o0);
                o0 += many;
            }
            v0 += size;
        }
        float* bias = gradient + static_cast<std::ptrdiff_t>(outputs()) * inputs();
        const auto [first, last] = share.of(outputs());
        for (int o = first; o < last; ++o) {
            auto sum = typename S::Vec{};
            for (int g = 0; g < groups_; ++g) sum += S::load(out_.gradient.at(g) + o * L);
            bias[o] = S::sum(sum);
        }
    }

  private:
    using S = Simd<L>;
    int inputs() const { return in_.value.shape.features(); }
    int outputs() const { return out_.value.shape.features(); }

    // Where the features of a group lie, in PyTorch's order: channel, y, x.
    static std::vector<std::int32_t> offsets(Tensor<L>& tensor) {
        std::vector<std::int32_t> places;
        for (int c = 0; c < tensor.shape.channels; ++c)
            for (int y = 0; y < tensor.shape.height; ++y)
                for (int x = 0; x < tensor.shape.width; ++x)
                    places.push_back(static_cast<std::int32_t>(c * tensor.channel() +
                                                               y * tensor.row() + x * L));
        return places;
    }

    // target(g, q) = bias(q) + Σ_j source(g, j) · weights[q·weight_stride + j·taps.w_tap]
    template <bool UnitOutput>
    void by_groups(Tensor<L>& source, Tensor<L>& target, const std::vector<std::int32_t>& places,
                   const Taps& taps, std::ptrdiff_t weight_stride, const float* bias,
                   const Groups& groups) {
        const int outputs = static_cast<int>(places.size());
        for (int q0 = 0; q0 < outputs;) {
            const int many = part(outputs, kMaxOutputs<L>, q0);
            for (int i = 0; i < groups.size();) {
                const int size = part(groups.size(), kMaxVectors<L>, i);
                const auto block = kBlocks<UnitOutput>[(size - 1) * kMaxOutputs<L> + many - 1];
                block(source, target, places.data() + q0, taps, weights_ + q0 * weight_stride,
                      bias ? bias + q0 : nullptr, {groups[i], groups.last, groups.step});
                i += size;
            }
            q0 += many;
        }
    }

    template <bool UnitOutput, int P, int Q>
    static void block(Tensor<L>& source, Tensor<L>& target, const std::int32_t* places,
                      const Taps& taps, const float* w, const float* bias, const Groups& groups) {
        const float* x[P];
        SEEDBED_UNROLL
        for (int p = 0; p < P; ++p) x[p] = source.at(groups[p]);
        Tile<L, P, Q> tile;
        tile.template accumulate<UnitOutput>(x, w, taps);
        SEEDBED_UNROLL
        for (int q = 0; q < Q; ++q) {
            const auto b = S::splat(bias ? bias[q] : 0.0f);
            SEEDBED_UNROLL
            for (int p = 0; p < P; ++p)
                S::store(target.at(groups[p]) + places[q], tile.at[p][q] + b);
        }
    }

    // Gradient of the weights of Q outputs and P vectors of inputs.
    template <int P, int Q>
    void gradient_block(float* gradient, const Taps& taps, int v0, int o0) {
        const float* x[P];
        SEEDBED_UNROLL
        for (int p = 0; p < P; ++p)
            x[p] = transposed_.data() + static_cast<std::ptrdiff_t>(v0 + p) * L;
        Tile<L, P, Q> tile;
        tile.template accumulate<false>(x, out_.gradient.at(0) + o0 * L, taps);
        SEEDBED_UNROLL
        for (int q = 0; q < Q; ++q) {
            float* to = gradient + static_cast<std::ptrdiff_t>(o0 + q) * inputs() + v0 * L;
            SEEDBED_UNROLL
            for (int p = 0; p < P; ++p) {
                const int left = inputs() - (v0 + p) * L;
                if (left >= L)
                    S::store_unaligned(to + p * L, tile.at[p][q]);
                else
                    std::memcpy(to + p * L, &tile.at[p][q], left * sizeof(float));
            }
        }
    }

    // [group][input][lane] -> [group][lane][input]; the row's last inputs beyond the real ones stay 0.
    void transpose(const Groups& groups) {
        for (const int g : groups) {
            const float* from = in_.value.at(g);
            float* to = transposed_.data() + g * row_ * L;
            for (int i0 = 0; i0 < inputs(); i0 += L) {
                typename S::Vec block[L];
                SEEDBED_UNROLL
                for (int i = 0; i < L; ++i)
                    block[i] = i0 + i < inputs() ? S::load(from + value_offsets_[i0 + i])
                                                 : typename S::Vec{};
                S::transpose(block);
                SEEDBED_UNROLL
                for (int lane = 0; lane < L; ++lane) S::store(to + lane * row_ + i0, block[lane]);
            }
        }
    }

    using Block = void (*)(Tensor<L>&, Tensor<L>&, const std::int32_t*, const Taps&, const float*,
                           const float*, const Groups&);
    using GradientBlock = void (Linear::*)(float*, const Taps&, int, int);
    template <bool UnitOutput, int... I>
    static constexpr std::array<Block, sizeof...(I)> table(std::integer_sequence<int, I...>) {
        return {&Linear::template block<UnitOutput, I / kMaxOutputs<L> + 1, I % kMaxOutputs<L> + 1>...};
    }
    template <int... I>
    static constexpr std::array<GradientBlock, sizeof...(I)> gradient_table(
        std::integer_sequence<int, I...>) {
        return {&Linear::template gradient_block<I / kMaxOutputs<L> + 1, I % kMaxOutputs<L> + 1>...};
    }
    using Indices = std::make_integer_sequence<int, kMaxVectors<L> * kMaxOutputs<L>>;
    template <bool UnitOutput>
    static constexpr auto kBlocks = table<UnitOutput>(Indices{});
    static constexpr auto kGradientBlocks = gradient_table(Indices{});

    Node<L>& in_;
    Node<L>& out_;
    const float* weights_ = nullptr;
    std::ptrdiff_t row_ = 0;  // of transposed_
    int groups_ = 0;  // of the batch
    Buffer<float> transposed_;
    std::vector<std::int32_t> value_offsets_, gradient_offsets_, output_offsets_, lane_offsets_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
