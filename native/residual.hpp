// Residual connections: value and branch(value) added up (He et al. 2016).
#pragma once

#include "tensor.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// Where a branch leaves the main path. Its node `out` is another way to the value of `in`, with a
// gradient of its own, to which that of the other way is added: of the sum, or of the node that begins
// the shortcut's layers. Unless both are in the same memory, because the layer behind has added its
// gradient there.
template <int L>
class Fork final : public Layer<L> {
  public:
    Fork(Node<L>& in, Node<L>& out) : in_(in), out_(out) {}
    void join(Node<L>& other) { other_ = &other; }

    void forward(int, int) override {}

    void backward(int first, int last) override {
        if (!in_.has_gradient || in_.gradient.memory() == other_->gradient.memory()) return;
        each_row(in_.value.shape, first, last, [this](int g, int c, int y, int width) {
            const float* branch = out_.gradient.at(g, c, y);
            const float* other = other_->gradient.at(g, c, y);
            float* to = in_.gradient.at(g, c, y);
            const int summed = other_->gradient.shape.width;
            for (int x = 0; x < width; ++x) {
                const auto own = Simd<L>::load(branch + x * L);
                Simd<L>::store(to + x * L, x < summed ? own + Simd<L>::load(other + x * L) : own);
            }
        });
    }

  private:
    Node<L>& in_;
    Node<L>& out_;
    Node<L>* other_ = nullptr;
};

// Where the branch comes back: out = main + branch, or, while training with stochastic depth (Huang
// et al. 2016), out = main + branch · mask / (1 - rate) with a mask of one number an image. Where the
// branch has kept the first tokens alone, so does the sum. `main` is where the branch began, which the
// fork gives its gradient, or the end of a shortcut with layers of its own, which gets it here.
template <int L>
class Join final : public Layer<L> {
  public:
    // `place` is where this layer's number stands in an image's mask; without a rate there is none.
    Join(Node<L>& main, Node<L>& branch, Node<L>& out, bool shortcut, float rate, std::ptrdiff_t place,
         bool same_gradient)
        : shortcut(shortcut),
          same_gradient(same_gradient),
          main_(main),
          branch_(branch),
          out_(out),
          rate_(rate),
          place_(place) {}

    const bool shortcut;       // `main` is its end
    const bool same_gradient;  // those of `branch` and `out`, and of a shortcut, may share memory

    void allocate(int groups) override {
        factors_ = Buffer<float>(static_cast<std::size_t>(L) * groups);
        group_ = groups > 1 ? L : 0;
    }

    void begin(const float*, bool training) override { drops_ = training && rate_ > 0.0f; }

    void load(const std::uint8_t* mask, std::ptrdiff_t stride, int group, int count) override {
        if (!drops_) return;
        for (int lane = 0; lane < count; ++lane)
            factors_[group * group_ + lane] = mask[lane * stride + place_] ? 1.0f / (1.0f - rate_) : 0.0f;
    }

    void forward(int first, int last) override {
        each_row(out_.value.shape, first, last, [this](int g, int c, int y, int width) {
            const auto factor = this->factor(g);
            const float* main = main_.value.at(g, c, y);
            const float* branch = branch_.value.at(g, c, y);
            float* to = out_.value.at(g, c, y);
            for (int x = 0; x < width; ++x)
                S::store(to + x * L, S::load(main + x * L) + S::load(branch + x * L) * factor);
        });
    }

    void backward(int first, int last) override {
        give(branch_, first, last, true);
        if (shortcut && main_.has_gradient) give(main_, first, last, false);
    }

  private:
    using S = Simd<L>;
    typename S::Vec factor(int group) const {
        return drops_ ? S::load(factors_.data() + group * group_) : S::splat(1.0f);
    }

    void give(Node<L>& node, int first, int last, bool scaled) {
        if (node.gradient.memory() == out_.gradient.memory()) return;
        each_row(out_.value.shape, first, last, [&](int g, int c, int y, int width) {
            const auto factor = scaled ? this->factor(g) : S::splat(1.0f);
            const float* from = out_.gradient.at(g, c, y);
            float* to = node.gradient.at(g, c, y);
            for (int x = 0; x < width; ++x) S::store(to + x * L, S::load(from + x * L) * factor);
        });
    }

    Node<L>& main_;
    Node<L>& branch_;
    Node<L>& out_;
    const float rate_;
    const std::ptrdiff_t place_;
    bool drops_ = false;
    std::ptrdiff_t group_ = 0;  // from group to group
    Buffer<float> factors_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
