// What every layer of a network is.
#pragma once

#include "tensor.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

template <int L>
class Layer {
  public:
    virtual ~Layer() = default;
    // Once, when the shapes are known, and the number of groups of lanes between whose forward and
    // backward pass this layer sees others.
    virtual void allocate(int) {}
    // Before the groups of a batch: `weights` are this layer's, in PyTorch's order and layout.
    virtual void begin(const float*, bool /*training*/) {}
    // Then: what this layer keeps from batch to batch beside weights, and the size of this batch.
    virtual void enter(const float* /*buffers*/, int /*images*/) {}
    // Before a group is trained on: its part of the batch's dropout masks.
    virtual void load(const std::uint8_t* /*mask*/, std::ptrdiff_t /*stride*/, int /*group*/,
                      int /*count*/) {}
    virtual void forward(int first_group, int last_group) = 0;
    virtual void backward(int first_group, int last_group) = 0;
    // For a layer that begins a stage: all groups have passed the layers before it, and not yet itself;
    // and later, all have come back through it, and not yet through those.
    virtual void all_came_forward() {}
    virtual void all_came_back() {}
    // After the last group: writes the gradient of this layer's weights.
    virtual void finish(float*) {}
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
