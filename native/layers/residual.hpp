// Residual connections: value and branch(value) added up (He et al. 2016).
#pragma once

#include "graph.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// Where a branch leaves the main path. Its node `out` is another way to the value of `in`, with a
// gradient of its own, to which that of the other way is added: of the sum, or of the node that begins
// the shortcut's layers. Unless both are in the same memory, because the layer behind has added its
// gradient there.
template <int L>
class Fork final : public Layer<L> {
  public:
    // The layers up to `join` are a branch, which is added to what it began with, or to the first
    // tokens of that.
    static void add(Graph<L>& graph, Settings&) {
        Node<L>& in = graph.pixels();
        in.keep();
        Node<L>& out = graph.twin(in, in.has_gradient);
        auto fork = std::make_unique<Fork>(in, out);
        graph.branches.push_back({&in, fork.get(), graph.steps().size(), nullptr, nullptr});
        graph.push(std::move(fork), in, out).role = Role::fork;
        graph.pin();
    }

    Fork(Node<L>& in, Node<L>& out) : in_(in), out_(out) {}
    void join(Node<L>& other) { other_ = &other; }

    void forward(const Groups&) override {}

    void backward(const Groups& groups) override {
        if (!in_.has_gradient || in_.gradient.memory() == other_->gradient.memory()) return;
        each_row(in_.value.shape, groups, [this](int g, int c, int y, int width) {
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

// Whether the last layer leaves the gradient of its output as it is.
template <int L>
bool may_share_gradient(const Step<L>& last) {
    return last.in != last.out && last.role != Role::join;
}

// The layers from here to `join` begin where the branch began, and the branch is added to what they
// give.
template <int L>
struct Shortcut {
    static void add(Graph<L>& graph, Settings&) {
        if (graph.branches.empty()) throw std::invalid_argument("no branch beside the shortcut");
        Branch<L>& from = graph.branches.back();
        if (from.end) throw std::invalid_argument("a second shortcut");
        if (graph.steps().size() == from.place + 1)
            throw std::invalid_argument("a branch without layers");
        from.end = &graph.last();
        from.same_gradient = may_share_gradient(graph.steps().back());
        from.shortcut = &graph.twin(*from.main, from.main->has_gradient);
        graph.pin();
    }
};

// Where the branch comes back: out = main + branch, or, while training with stochastic depth (Huang
// et al. 2016), out = main + branch · mask / (1 - rate) with a mask of one number an image. Where the
// branch has kept the first tokens alone, so does the sum. `main` is where the branch began, which the
// fork gives its gradient, or the end of a shortcut with layers of its own, which gets it here.
template <int L>
class Join final : public Layer<L> {
  public:
    // While training, the branch is left out for an image with the probability `drop_path`.
    static void add(Graph<L>& graph, Settings& settings) {
        const float rate = settings.number("drop_path");
        settings.expect(rate >= 0.0f && rate < 1.0f, "drop_path", "0 or more and below 1");
        if (graph.branches.empty()) throw std::invalid_argument("no branch to join");
        const Branch<L> from = graph.branches.back();
        Node<L>& last = graph.last();
        Node<L>& branch = from.end ? *from.end : last;
        Node<L>& main = from.end ? last : *from.main;
        const Shape &one = main.value.shape, &other = branch.value.shape;
        if (one.channels != other.channels || one.height != other.height || one.width < other.width ||
            (one.width > other.width && one.height != 1))
            throw std::invalid_argument("a branch of another shape");
        if (!branch.has_gradient || graph.steps().size() == from.place + 1)
            throw std::invalid_argument("a branch without weights");
        if (&last == from.shortcut) throw std::invalid_argument("a shortcut without layers");
        graph.branches.pop_back();
        const bool same = rate == 0.0f && may_share_gradient(graph.steps().back()) &&
                          (!from.end || from.same_gradient);
        Node<L>& out = graph.node(other);
        out.has_gradient = true;
        const std::ptrdiff_t place = graph.take_mask(rate > 0.0f ? 1 : 0);
        auto join = std::make_unique<Join>(main, branch, out, from.end, rate, place);
        Step<L>& step = graph.push(std::move(join), branch, out);
        step.role = Role::join;
        step.same_gradient = same;
        step.value = &main;
        if (from.end) step.gradient = &main;
        Node<L>& way = from.end ? *from.shortcut : out;
        from.fork->join(way);
        graph.steps()[from.place].gradient = &way;
    }

    // `shortcut`: `main` is its end. `place` is where this layer's number stands in an image's mask;
    // without a rate there is none.
    Join(Node<L>& main, Node<L>& branch, Node<L>& out, bool shortcut, float rate, std::ptrdiff_t place)
        : main_(main), branch_(branch), out_(out), shortcut_(shortcut), rate_(rate), place_(place) {}

    void allocate(const Capacity& capacity) override {
        slots_ = capacity.kept;
        factors_ = Buffer<float>(static_cast<std::size_t>(L) * slots_.slots);
    }

    void begin(const float*, const float*, bool training) override { drops_ = training && rate_ > 0.0f; }

    void load(const std::uint8_t* mask, std::ptrdiff_t stride, int group, int count) override {
        if (!drops_) return;
        for (int lane = 0; lane < count; ++lane)
            factors_[slots_.of(group) * L + lane] = mask[lane * stride + place_] ? 1.0f / (1.0f - rate_) : 0.0f;
    }

    void forward(const Groups& groups) override {
        each_row(out_.value.shape, groups, [this](int g, int c, int y, int width) {
            const auto factor = this->factor(g);
            const float* main = main_.value.at(g, c, y);
            const float* branch = branch_.value.at(g, c, y);
            float* to = out_.value.at(g, c, y);
            for (int x = 0; x < width; ++x)
                S::store(to + x * L, fma(S::load(branch + x * L), factor, S::load(main + x * L)));
        });
    }

    void backward(const Groups& groups) override {
        give(branch_, groups, true);
        if (shortcut_ && main_.has_gradient) give(main_, groups, false);
    }

  private:
    using S = Simd<L>;
    typename S::Vec factor(int group) const {
        return drops_ ? S::load(factors_.data() + slots_.of(group) * L) : S::splat(1.0f);
    }

    void give(Node<L>& node, const Groups& groups, bool scaled) {
        if (node.gradient.memory() == out_.gradient.memory()) return;
        each_row(out_.value.shape, groups, [&](int g, int c, int y, int width) {
            const auto factor = scaled ? this->factor(g) : S::splat(1.0f);
            const float* from = out_.gradient.at(g, c, y);
            float* to = node.gradient.at(g, c, y);
            for (int x = 0; x < width; ++x) S::store(to + x * L, S::load(from + x * L) * factor);
        });
    }

    Node<L>& main_;
    Node<L>& branch_;
    Node<L>& out_;
    const bool shortcut_;
    const float rate_;
    const std::ptrdiff_t place_;
    bool drops_ = false;
    Slots slots_;
    Buffer<float> factors_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
