// What every layer of a network is.
#pragma once

#include "tensor.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

template <int L>
class Layer {
  public:
    virtual ~Layer() = default;
    // Once, when the shapes are known.
    virtual void allocate(const Capacity&) {}
    // Before a call: `weights` are this layer's, in PyTorch's order and layout, and `buffers` what it
    // keeps from batch to batch beside them. Both may change from batch to batch, but not their place.
    virtual void begin(const float* /*weights*/, const float* /*buffers*/, bool /*training*/) {}
    // Before a batch of so many images, on one thread.
    virtual void enter(int /*images*/) {}
    // Then, on all threads: this thread's share of preparing the weights.
    virtual void pack(const Share&) {}
    // Before a group is trained on: its part of the batch's dropout masks.
    virtual void load(const std::uint8_t* /*mask*/, std::ptrdiff_t /*stride*/, int /*group*/,
                      int /*count*/) {}
    // Every thread calls these for groups of its own, in ascending order. What is summed over groups
    // must be added in their order (see Order), or one by one after the last.
    virtual void forward(const Groups&) = 0;
    virtual void backward(const Groups&) = 0;
    // For a layer that begins a stage, on all threads: all groups have passed the layers before it, and
    // not yet itself; and later, all have come back through it, and not yet through those.
    virtual void all_came_forward(const Share&) {}
    virtual void all_came_back(const Share&) {}
    // After the last group, on all threads: writes this thread's share of the gradient of this layer's
    // weights.
    virtual void finish(float*, const Share&) {}
    // After a step: changes what is kept from batch to batch.
    virtual void keep(float* /*buffers*/) const {}
    virtual std::size_t weights() const { return 0; }
    virtual std::size_t buffers() const { return 0; }

    // Whether its output can be the network's.
    virtual bool gives_logits() const { return false; }
    // Whether it can add the gradient of its input to what stands there; and that it does so from now
    // on.
    virtual bool can_add_gradient() const { return false; }
    virtual void add_gradient() {}
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
