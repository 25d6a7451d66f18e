// Softmax cross-entropy with label smoothing, of logits [group][class][lane].
#pragma once

#include "tensor.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

struct Score {
    double loss = 0.0;         // summed over images
    std::int64_t correct = 0;  // images whose largest logit is the label's
};

// The loss of a group of lanes whose labels are `labels` (-1 for a lane without an image), summed,
// and in `gradient` its derivative times `scale`. With smoothing s, a label's target is
// 1 - s + s / K and every other class's is s / K (Szegedy et al. 2016, section 7), as in PyTorch.
template <int L>
Score cross_entropy(const float* logits, float* gradient, const std::int32_t* labels, int classes,
                    float smoothing, float scale) {
    using S = Simd<L>;
    using Vec = typename S::Vec;
    using Int = typename S::Int;
    const Int label = S::load(labels);

    Vec largest = S::load(logits);
    Int winner{};
    Vec total = largest;
    Vec at_label = largest;
    for (int k = 1; k < classes; ++k) {
        const Vec z = S::load(logits + k * L);
        const Int better = z > largest;
        largest = better ? z : largest;
        winner = better ? S::splat(k) : winner;
        total += z;
        at_label = label == k ? z : at_label;
    }
    Vec sum{};
    for (int k = 0; k < classes; ++k) {
        const Vec e = S::exp(S::load(logits + k * L) - largest);
        S::store(gradient + k * L, e);
        sum += e;
    }
    const float uniform = smoothing / static_cast<float>(classes);
    // A logit that is not finite must show in the loss, although the exponential is clamped.
    const Vec loss = (largest - at_label * (1.0f - smoothing) - total * uniform) + S::log(sum);
    const Vec active = label >= 0 ? S::splat(scale) : Vec{};
    const Vec inverse = active / sum;
    for (int k = 0; k < classes; ++k) {
        const Vec target = (label == k ? S::splat(1.0f - smoothing) : Vec{}) + uniform;
        S::store(gradient + k * L, S::load(gradient + k * L) * inverse - target * active);
    }

    Score score;
    for (int lane = 0; lane < L; ++lane) {
        if (labels[lane] < 0) continue;
        score.loss += static_cast<double>(loss[lane]);
        score.correct += winner[lane] == labels[lane];
    }
    return score;
}

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
