// The losses, of logits [group][class][lane]. Each applies its own softmax or sigmoid, once; networks
// end with logits.
#pragma once

#include "tensor.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

struct Score {
    double loss = 0.0;         // summed over images
    std::int64_t correct = 0;  // images whose largest logit is the label's
};

enum class Loss {
    cross_entropy,         // -Σ t log p
    mean_squared_error,    // Σ (p - t)²
    mean_absolute_error,   // Σ |p - t|
    binary_cross_entropy,  // -Σ t log s + (1 - t) log (1 - s)
};

// The loss of one group of lanes, with p the softmax of the logits, s their sigmoid and t the target.
// With smoothing a, a label's target is 1 - a + a / K and every other class's is a / K (Szegedy et al.
// 2016, section 7). A lane whose label is -1 holds no image.
template <int L>
class GroupLoss {
  public:
    GroupLoss(Loss loss, int classes, float smoothing)
        : loss_(loss), classes_(classes), smoothing_(smoothing) {}

    // Returns the sum over the lanes, and writes its derivative times `scale` into `gradient`.
    Score operator()(const float* logits, float* gradient, const std::int32_t* labels, float scale) const {
        const Int label = S::load(labels);
        Vec largest = S::load(logits);
        Int winner{};
        for (int k = 1; k < classes_; ++k) {
            const Vec z = S::load(logits + k * L);
            const Int better = z > largest;
            largest = better ? z : largest;
            winner = better ? S::splat(k) : winner;
        }
        // Lanes without an image get no gradient.
        const Vec active = label >= 0 ? S::splat(scale) : Vec{};
        Vec loss;
        if (loss_ == Loss::binary_cross_entropy)
            loss = one_against_rest(logits, gradient, label, active);
        else
            loss = of_softmax(logits, gradient, label, active, largest);

        Score score;
        for (int lane = 0; lane < L; ++lane) {
            if (labels[lane] < 0) continue;
            score.loss += static_cast<double>(loss[lane]);
            score.correct += winner[lane] == labels[lane];
        }
        return score;
    }

  private:
    using S = Simd<L>;
    using Vec = typename S::Vec;
    using Int = typename S::Int;

    Vec target(Int label, int k) const {
        const float rest = smoothing_ / static_cast<float>(classes_);
        return label == k ? S::splat(1.0f - smoothing_ + rest) : S::splat(rest);
    }

    Vec of_softmax(const float* logits, float* gradient, Int label, Vec active, Vec largest) const {
        Vec sum{};
        for (int k = 0; k < classes_; ++k) {
            const Vec e = S::exp(S::load(logits + k * L) - largest);
            S::store(gradient + k * L, e);
            sum += e;
        }
        const Vec inverse = 1.0f / sum;
        Vec loss{};
        if (loss_ == Loss::cross_entropy) {
            // From the logits, not from p: a logit that is not finite must show in the loss, although
            // the exponential is clamped, and log p must not underflow.
            for (int k = 0; k < classes_; ++k) {
                const Vec t = target(label, k);
                loss += t * (largest - S::load(logits + k * L));
                S::store(gradient + k * L, (S::load(gradient + k * L) * inverse - t) * active);
            }
            return loss + S::log(sum);
        }
        // With q the derivative by p, that by the logit is p (q - Σ q p).
        const bool squared = loss_ == Loss::mean_squared_error;
        Vec mean{};
        for (int k = 0; k < classes_; ++k) {
            const Vec p = S::load(gradient + k * L) * inverse, d = p - target(label, k);
            const Vec z = S::load(logits + k * L);
            loss += (squared ? d * d : S::abs(d)) + (z - z);  // + 0, unless z is not finite
            mean += slope(d, squared) * p;
        }
        for (int k = 0; k < classes_; ++k) {
            const Vec p = S::load(gradient + k * L) * inverse, d = p - target(label, k);
            S::store(gradient + k * L, p * (slope(d, squared) - mean) * active);
        }
        return loss;
    }

    static Vec slope(Vec d, bool squared) {
        if (squared) return d * 2.0f;
        return d > 0.0f ? S::splat(1.0f) : (d < 0.0f ? S::splat(-1.0f) : Vec{});
    }

    Vec one_against_rest(const float* logits, float* gradient, Int label, Vec active) const {
        Vec loss{};
        for (int k = 0; k < classes_; ++k) {
            const Vec z = S::load(logits + k * L), t = target(label, k);
            // -t log s - (1 - t) log (1 - s), without overflow
            loss += (z > 0.0f ? z : Vec{}) - z * t + S::log(1.0f + S::exp(-S::abs(z)));
            S::store(gradient + k * L, (S::sigmoid(z) - t) * active);
        }
        return loss;
    }

    const Loss loss_;
    const int classes_;
    const float smoothing_;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
