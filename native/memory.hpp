// Where the values and gradients between the layers live.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "layer.hpp"
#include "tensor.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// What a layer takes and gives.
enum class Role { layer, fork, join };
template <int L>
struct Step {
    Layer<L>* layer;
    Node<L>* in;
    Node<L>* out;
    Node<L>* value = nullptr;     // another one whose value it takes
    Node<L>* gradient = nullptr;  // another one whose gradient it takes or gives
    Role role = Role::layer;
    bool same_gradient = false;  // of a join: those of what it adds up and of the sum may share memory
};

// Decides what is kept for all groups of lanes, and which scratch tensors share memory. Everything
// else is left to be allocated.
template <int L>
class MemoryPlan {
  public:
    // `steps`: up to the first linear layer, whose input is `dense`; `stages`: the layers that begin
    // one; `scratch`: for the groups that are worked on at the same time.
    MemoryPlan(std::vector<Step<L>> steps, std::vector<std::size_t> stages, const Node<L>* dense,
               const Slots& scratch)
        : steps_(std::move(steps)), stages_(std::move(stages)), dense_(dense), slots_(scratch) {}

    void apply() {
        keep_between_stages();
        share_values();
        share_gradients();
    }

  private:
    // Memory for tensors that are needed for a few layers only, which others then take over.
    class Scratch {
      public:
        using Memory = std::shared_ptr<Buffer<float>>;

        explicit Scratch(const Slots& slots) : slots_(slots) {}

        void give(Tensor<L>& tensor) {
            const auto count = static_cast<std::size_t>(tensor.shape.features()) * L * slots_.slots;
            auto& free = free_[count];
            if (free.empty()) free.push_back(std::make_shared<Buffer<float>>(count));
            const Memory memory = free.back();
            free.pop_back();
            users_[memory] = 0;
            share(tensor, memory);
        }
        void share(Tensor<L>& tensor, const Memory& memory) {
            tensor.share(memory, slots_);
            ++users_[memory];
        }
        bool has(const Tensor<L>& tensor) const { return users_.count(tensor.memory()) > 0; }
        void take_back(const Tensor<L>& tensor) {
            if (!has(tensor)) return;
            const Memory& memory = tensor.memory();
            if (--users_[memory] > 0) return;
            users_.erase(memory);
            free_[memory->size()].push_back(memory);
        }

      private:
        const Slots slots_;
        std::map<std::size_t, std::vector<Memory>> free_;
        std::map<Memory, int> users_;
    };

    int stage_of(std::size_t layer) const {
        int stage = static_cast<int>(stages_.size()) - 1;
        while (stages_[stage] > layer) --stage;
        return stage;
    }

    // What is made in one stage and looked at in another is there for all groups.
    void keep_between_stages() {
        std::map<const Tensor<L>*, int> made;
        std::map<const Node<L>*, int> touched;
        for (std::size_t i = 0; i < steps_.size(); ++i) {
            const Step<L>& step = steps_[i];
            const int stage = stage_of(i);
            for (Node<L>* n : {step.in, step.value})
                if (n && made.count(&n->value) && made[&n->value] != stage) n->keep();
            made.try_emplace(&step.out->value, stage);
            for (Node<L>* n : {step.in, step.out, step.gradient})
                if (n && touched.try_emplace(n, stage).first->second != stage) n->keeps_gradient = true;
        }
    }

    // Values that the backward pass does not read.
    void share_values() {
        Scratch scratch(slots_);
        for (const Step<L>& step : steps_) {
            Node<L>*const in = step.in, *const out = step.out;
            if (in == out) continue;
            const bool passing = out != dense_ && !out->is_kept() && out->value.border.none();
            if (passing && !out->value.allocated()) scratch.give(out->value);
            scratch.take_back(in->value);
        }
    }

    // Gradients, in the order of the backward pass. Along the main path, past the branches, they stay
    // in one memory where the layers allow it.
    void share_gradients() {
        Scratch scratch(slots_);
        const auto shared = [&](Node<L>& n, const Node<L>* with) {
            if (!n.has_gradient || n.keeps_gradient || &n == dense_ || !n.gradient.border.none())
                return false;
            n.gradient.shape = n.value.shape;
            const bool same = with && scratch.has(with->gradient) &&
                              with->value.shape.features() == n.value.shape.features();
            if (same)
                scratch.share(n.gradient, with->gradient.memory());
            else
                scratch.give(n.gradient);
            return same;
        };
        for (std::size_t i = steps_.size(); i-- > 0;) {
            Node<L>*const in = steps_[i].in, *const out = steps_[i].out;
            Node<L>* const other = steps_[i].gradient;
            if (in == out) continue;
            if (steps_[i].role == Role::join) {
                const bool same = steps_[i].same_gradient;
                const Node<L>* with = same ? out : nullptr;
                if (same && out->keeps_gradient) share_between_stages(*out, *in, other);
                shared(*in, with);
                if (!other) continue;  // that of the sum is needed until the fork
                shared(*other, with);
            } else if (steps_[i].role == Role::fork) {
                const Tensor<L>& sum = other->gradient;
                shared(*in, sum.memory() == out->gradient.memory() ? out : nullptr);
                scratch.take_back(sum);
            } else {
                // A layer directly behind a fork may be able to add its gradient to that of the sum.
                const bool forked = i > 0 && steps_[i - 1].role == Role::fork;
                const bool adds = forked && steps_[i].layer->can_add_gradient();
                if (shared(*in, adds ? steps_[i - 1].gradient : nullptr)) steps_[i].layer->add_gradient();
            }
            scratch.take_back(out->gradient);
        }
    }

    // The same for a sum and what is added up to it, where these are there for all groups.
    void share_between_stages(Node<L>& sum, Node<L>& branch, Node<L>* shortcut) {
        sum.gradient.shape = sum.value.shape;
        sum.gradient.allocate(all());
        for (Node<L>* n : {&branch, shortcut}) {
            if (!n || !n->keeps_gradient || !n->gradient.border.none()) continue;
            n->gradient.shape = n->value.shape;
            n->gradient.share(sum.gradient.memory(), all());
        }
    }

    Slots all() const { return {slots_.groups, slots_.groups}; }

    const std::vector<Step<L>> steps_;
    const std::vector<std::size_t> stages_;
    const Node<L>* const dense_;
    const Slots slots_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
