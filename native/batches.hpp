// What is trained on, and what the gradient is taken of.
#pragma once

#include <cstdint>
#include <vector>

#include "images.hpp"
#include "losses.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// Images as the dataset stores them, what is known of each, and the order in which to take them.
struct Batches {
    const std::uint8_t* images = nullptr;
    const std::int64_t* order = nullptr;
    std::int64_t count = 0;  // places in the order

    // Of every stored image, each may be null:
    const std::int64_t* labels = nullptr;
    const float* targets = nullptr;  // a row of class probabilities, instead of the label's
    const float* weights = nullptr;  // by which its loss and its gradient are multiplied

    // Of every place in the order, each may be null:
    const Warp* warps = nullptr;
    // A byte for every feature of every dropout layer and every branch that may be left out, 1 where it
    // is kept.
    const std::uint8_t* masks = nullptr;
    float* losses = nullptr;  // to be written: the image's loss, without its weight
};

// What the gradient is taken of: the mean over a batch of each image's loss times its weight.
struct Objective {
    Loss loss;
    // With label smoothing a, a label's target is 1 - a + a / K and every other class's is a / K
    // (Szegedy et al. 2016, section 7).
    float smoothing = 0.0f;
    // [clean class][noisy class] or empty: the loss compares the targets not with the probabilities p
    // but with pᵀT, the forward correction of Patrini et al. 2017.
    std::vector<float> transition{};
};

struct Score {
    double loss = 0.0;         // summed over images, times their weights
    std::int64_t correct = 0;  // images whose largest logit is the label's
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
