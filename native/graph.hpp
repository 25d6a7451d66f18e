// The layers of a network and what passes between them, while the layers are added.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "layer.hpp"
#include "memory.hpp"
#include "settings.hpp"
#include "tensor.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

template <int L>
class Fork;

// A branch that has not ended yet.
template <int L>
struct Branch {
    Node<L>* main;      // where it began
    Fork<L>* fork;
    std::size_t place;  // of the fork among the layers
    Node<L>* end;       // and where the shortcut begins, if there is one
    Node<L>* shortcut;
    bool same_gradient = false;  // the branch's last layer leaves that of its output as it is
};

// Every layer adds itself with a static function `add`, front to back; it throws std::invalid_argument
// if it does not fit.
template <int L>
class Graph {
  public:
    explicit Graph(Shape image) { node(image); }

    Node<L>& last() { return *nodes_.back(); }

    // The last node, for a layer that looks at neighboring pixels.
    Node<L>& pixels() {
        if (dense_) throw std::invalid_argument("a spatial layer behind a linear one");
        return last();
    }

    // The last node, for a layer of tokens.
    Node<L>& tokens() {
        Node<L>& in = pixels();
        if (in.value.shape.height != 1) throw std::invalid_argument("tokens stand in one row");
        return in;
    }

    // The last node, for a dense layer, which takes all groups of lanes of a batch at once. So do all
    // layers behind the first dense one.
    Node<L>& dense() {
        if (!branches.empty()) throw std::invalid_argument("a linear layer in a branch");
        if (!dense_) {
            dense_ = &last();
            first_dense_ = layers_.size();
        }
        return last();
    }

    // A node behind the last one, with a gradient where that has one.
    Node<L>& node(Shape next) {
        auto added = std::make_unique<Node<L>>();
        added->value.shape = shape(next.channels, next.height, next.width);
        added->has_gradient = !nodes_.empty() && last().has_gradient;
        nodes_.push_back(std::move(added));
        return last();
    }

    // Another way to the value of a node.
    Node<L>& twin(Node<L>& of, bool has_gradient) {
        nodes_.push_back(std::make_unique<Node<L>>(of, has_gradient));
        return last();
    }

    // The last node if its value may be overwritten, else a new node of the same shape.
    Node<L>& in_place() { return replaceable_ ? last() : node(last().value.shape); }
    // Forbids overwriting the value of the last node.
    void pin() { replaceable_ = false; }

    Step<L>& push(std::unique_ptr<Layer<L>> layer, Node<L>& in, Node<L>& out) {
        if (layer->weights() > 0) out.has_gradient = true;
        layers_.push_back(std::move(layer));
        steps_.push_back({layers_.back().get(), &in, &out});
        replaceable_ = true;
        return steps_.back();
    }

    // Adds a layer from `in` to a new node.
    template <class Kind, class... Arguments>
    Node<L>& add(Node<L>& in, Shape next, Arguments... arguments) {
        Node<L>& out = node(next);
        push(std::make_unique<Kind>(in, out, std::move(arguments)...), in, out);
        return out;
    }

    // The next layer begins a stage: all groups of lanes pass the layers before it first.
    void begin_stage() { stages_.push_back(layers_.size()); }

    // A group of lanes passes through all layers, forward and backward, before the next: what it
    // leaves behind for the backward pass stays in the cache.
    void take_groups_one_by_one() { one_by_one_ = true; }

    // Reserves numbers in the dropout mask of an image; returns the index of the first.
    std::ptrdiff_t take_mask(int numbers) {
        const std::ptrdiff_t first = mask_;
        mask_ += numbers;
        return first;
    }

    // Places within a group of lanes are kept in 32 bits, borders included.
    static Shape shape(std::int64_t channels, std::int64_t height, std::int64_t width) {
        const double places = static_cast<double>(channels) * height * width * L;
        if (channels < 1 || height < 1 || width < 1 || places > 1 << 28)
            throw std::invalid_argument("activations too small or too large");
        return {static_cast<int>(channels), static_cast<int>(height), static_cast<int>(width)};
    }

    static int windows(int length, int size, int stride) {
        if (size > length) throw std::invalid_argument("a window larger than its input");
        return (length - size) / stride + 1;
    }

    std::vector<Step<L>>& steps() { return steps_; }
    std::vector<Branch<L>> branches;  // the innermost last

  protected:
    std::vector<std::unique_ptr<Node<L>>> nodes_;  // the first is the image, the last the logits
    std::vector<std::unique_ptr<Layer<L>>> layers_;
    std::vector<Step<L>> steps_;           // of every layer
    std::vector<std::size_t> stages_{0};  // the layers, up to the first dense one, that begin a stage
    const Node<L>* dense_ = nullptr;      // the first dense layer's input
    std::size_t first_dense_ = 0;
    bool one_by_one_ = false;
    std::ptrdiff_t mask_ = 0;  // numbers of all dropout layers and branches

  private:
    bool replaceable_ = false;  // the last node's value may be overwritten
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
