// Group normalization (Wu and He 2018), as torch.nn.GroupNorm.
#pragma once

#include "graph.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

//   out(c) = n(c) · weight(c) + bias(c),   n(c) = (in(c) - mean) / √(variance + 10⁻⁵)
//
// with mean and variance over all pixels of the channels that are in one group with c, of one image.
template <int L>
class GroupNorm final : public Layer<L> {
  public:
    static void add(Graph<L>& graph, Settings& settings) {
        const int count = settings.positive("num_groups");
        Node<L>& in = graph.pixels();
        settings.expect(in.value.shape.channels % count == 0, "num_groups", "a divisor of the channels");
        graph.template add<GroupNorm>(in, in.value.shape, count);
    }

    // `count`: groups of channels, as long as `group` is one of lanes.
    GroupNorm(Node<L>& in, Node<L>& out, int count)
        : in_(in), out_(out), count_(count), size_(in.value.shape.channels / count) {
        in.keep();
    }

    bool can_add_gradient() const override { return true; }
    void add_gradient() override { adds_ = true; }

    std::size_t weights() const override { return 2 * static_cast<std::size_t>(channels()); }

    void allocate(const Capacity& capacity) override {
        mean_.shape = inverse_.shape = {count_, 1, 1};
        mean_.allocate(capacity.kept);
        inverse_.allocate(capacity.kept);
        sums_ = Buffer<float>(weights() * L * capacity.groups());
    }

    void begin(const float* weights, const float*, bool) override {
        weight_ = weights;
        bias_ = weights + channels();
    }
    void enter(int images) override { groups_ = (images + L - 1) / L; }

    void forward(const Groups& groups) override {
        for (const int group : groups)
            for (int i = 0; i < count_; ++i) normalize(group, i);
    }

    void backward(const Groups& groups) override {
        for (const int group : groups)
            for (int i = 0; i < count_; ++i) differentiate(group, i);
    }

    void finish(float* gradient, const Share& share) override {
        const auto [first, last] = share.of(static_cast<int>(weights()));
        for (int i = first; i < last; ++i) {
            Vec sum{};
            for (int group = 0; group < groups_; ++group) sum += S::load(sums(group, i));
            gradient[i] = S::sum(sum);
        }
    }

  private:
    using S = Simd<L>;
    using Vec = typename S::Vec;
    static constexpr int kPixels = 4;  // side by side, so that no sum waits for another

    int channels() const { return in_.value.shape.channels; }
    float* sums(int group, int i) {
        return sums_.data() + (static_cast<std::ptrdiff_t>(group) * 2 * channels() + i) * L;
    }
    float scale() const {
        const Shape& shape = in_.value.shape;
        return 1.0f / (static_cast<float>(size_) * shape.height * shape.width);
    }

    // The sum over all pixels of a row, which begins at 0; term(offset, sum) adds a pixel to a sum.
    template <class Term>
    SEEDBED_INLINE static Vec row_sum(int width, Term term) {
        Vec sums[kPixels] = {};
        int x = 0;
        for (; x + kPixels <= width; x += kPixels)
            SEEDBED_UNROLL
            for (int i = 0; i < kPixels; ++i) term((x + i) * L, sums[i]);
        for (; x < width; ++x) term(x * L, sums[0]);
        return (sums[0] + sums[1]) + (sums[2] + sums[3]);
    }

    void normalize(int group, int index) {
        const Shape& shape = in_.value.shape;
        const int first = index * size_, last = first + size_;
        Vec mean{}, variance{};
        for (int c = first; c < last; ++c)
            for (int y = 0; y < shape.height; ++y) {
                const float* const from = in_.value.at(group, c, y);
                mean += row_sum(shape.width, [&](int at, Vec& to) { to += S::load(from + at); });
            }
        mean *= scale();
        for (int c = first; c < last; ++c)
            for (int y = 0; y < shape.height; ++y) {
                const float* const from = in_.value.at(group, c, y);
                variance += row_sum(shape.width, [&](int at, Vec& to) {
                    const Vec d = S::load(from + at) - mean;
                    to = fma(d, d, to);
                });
            }
        const Vec inverse = S::inverse_root(variance * scale() + 1e-5f);
        S::store(mean_.at(group, index), mean);
        S::store(inverse_.at(group, index), inverse);
        for (int c = first; c < last; ++c) {
            const Vec weight = S::splat(weight_[c]), bias = S::splat(bias_[c]);
            for (int y = 0; y < shape.height; ++y) {
                const float* const from = in_.value.at(group, c, y);
                float* const to = out_.value.at(group, c, y);
                for (int at = 0; at < shape.width * L; at += L)
                    S::store(to + at, fma((S::load(from + at) - mean) * inverse, weight, bias));
            }
        }
    }

    // With e(c) = d(c) · weight(c) the gradient of n(c), that of in(c) is
    // (e(c) - mean of e - n(c) · mean of e n) / √(variance + 10⁻⁵).
    void differentiate(int group, int index) {
        const Shape& shape = in_.value.shape;
        const int first = index * size_, last = first + size_;
        const Vec mean = S::load(mean_.at(group, index)), inverse = S::load(inverse_.at(group, index));
        Vec sum{}, product{};  // of e, and of e n
        for (int c = first; c < last; ++c) {
            Vec channel_sum{}, channel_product{};  // of d, and of d n
            for (int y = 0; y < shape.height; ++y) {
                const float* const from = out_.gradient.at(group, c, y);
                const float* const value = in_.value.at(group, c, y);
                channel_sum += row_sum(shape.width, [&](int at, Vec& to) { to += S::load(from + at); });
                channel_product += row_sum(shape.width, [&](int at, Vec& to) {
                    to = fma(S::load(from + at), (S::load(value + at) - mean) * inverse, to);
                });
            }
            sum = fma(channel_sum, weight_[c], sum);
            product = fma(channel_product, weight_[c], product);
            S::store(sums(group, c), channel_product);
            S::store(sums(group, channels() + c), channel_sum);
        }
        if (!in_.has_gradient) return;
        sum *= scale();
        product *= scale();
        for (int c = first; c < last; ++c) {
            const Vec weight = S::splat(weight_[c]);
            for (int y = 0; y < shape.height; ++y) {
                const float* const from = out_.gradient.at(group, c, y);
                const float* const value = in_.value.at(group, c, y);
                float* const to = in_.gradient.at(group, c, y);
                for (int at = 0; at < shape.width * L; at += L) {
                    const Vec n = (S::load(value + at) - mean) * inverse;
                    const Vec gradient = fma(-n, product, fma(S::load(from + at), weight, -sum)) * inverse;
                    S::store(to + at, adds_ ? S::load(to + at) + gradient : gradient);
                }
            }
        }
    }

    Node<L>& in_;
    Node<L>& out_;
    const int count_;  // groups of channels
    const int size_;   // channels of a group
    bool adds_ = false;
    const float* weight_ = nullptr;
    const float* bias_ = nullptr;
    Tensor<L> mean_, inverse_;  // of each group of channels
    int groups_ = 0;            // of lanes, in the batch
    Buffer<float> sums_;        // gradients of weight and bias, a sum for every group and lane
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
