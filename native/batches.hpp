// The batches that a call trains or evaluates on, and the objective.
#pragma once

#include <cstdint>
#include <vector>

#include "images.hpp"
#include "losses.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// Stored images, data per image, and the order in which to take the images.
struct Batches {
    const std::uint8_t* images = nullptr;
    const std::int64_t* order = nullptr;
    std::int64_t count = 0;  // length of the order

    // Per stored image, each may be null:
    const std::int64_t* labels = nullptr;
    const float* targets = nullptr;  // a row of class probabilities, which replaces the smoothed label
    const float* weights = nullptr;  // factor of the loss and its gradient
    float* running = nullptr;  // a row of running mean predictions, which early learning updates

    // Per index in the order, each may be null:
    const Warp* warps = nullptr;
    Distortion distortion;
    const Rectangle* erased = nullptr;
    Mixing mixing;  // of images, and alike of their target rows
    // A byte for every feature of every dropout layer and for every branch that drop path may drop: 1
    // if it is kept.
    const std::uint8_t* masks = nullptr;
    float* losses = nullptr;  // output: the loss of the image, without its weight
    std::int32_t* predictions = nullptr;  // output: the class with the largest logit

    // `length` images from place `at` on, which are not mixed; an image has `mask` bytes in the masks.
    Batches part(std::int64_t at, std::int64_t length, std::ptrdiff_t mask) const {
        Batches some = *this;
        some.order += at;
        some.count = length;
        if (warps) some.warps += at;
        if (distortion.fields) some.distortion.fields += at * distortion.size;
        if (erased) some.erased += at;
        if (masks) some.masks += at * mask;
        if (losses) some.losses += at;
        if (predictions) some.predictions += at;
        return some;
    }
};

// The gradient is that of the mean, over the batch, of each image's loss times its weight.
struct Objective {
    Loss loss;
    // With label smoothing a, a label's target is 1 - a + a / K and every other class's is a / K
    // (Szegedy et al. 2016, section 7).
    float smoothing = 0.0f;
    // The transition matrix T, [clean class][noisy class], or empty. With T, the loss compares the
    // targets to pᵀT instead of p (forward correction, Patrini et al. 2017).
    std::vector<float> transition{};
    // The target row of each label, [label][class], or empty; replaces the smoothed label. Rows sum to
    // 1, and may have negative entries: those of T⁻¹ are the backward correction (section 3.1).
    std::vector<float> label_targets{};
    // Early-learning regularization (Liu et al. 2020), if the batches have `running` means τ: with p
    // clipped to 1e-4 and normalized, τ becomes decay τ + (1 - decay) p, and then weight log(1 - Σ τ p)
    // is added to the loss. τ counts as constant in the gradient.
    float early_weight = 0.0f, early_decay = 0.0f;
};

struct Score {
    double loss = 0.0;         // summed over images, times their weights
    std::int64_t correct = 0;  // images whose largest logit is that of the label, or of the label with
                               // the larger share

    Score& operator+=(const Score& other) {
        loss += other.loss;
        correct += other.correct;
        return *this;
    }
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
