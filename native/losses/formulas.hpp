// Losses that are sums over the classes, of functions of the probability p and the target t.
#pragma once

#include "losses/rows.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// -Σ t log p
struct CrossEntropy {
    static constexpr const char* name = "cross-entropy";
    explicit CrossEntropy(Settings&) {}

    // From the logits, not from p: a logit that is not finite must show in the loss, although the
    // exponential is clamped, and log p must not underflow.
    template <int L>
    SEEDBED_INLINE Vec<L> of_logits(const LossRows<L>& rows) const {
        using S = Simd<L>;
        const Vec<L> sum = exponentials(rows);
        const Vec<L> inverse = 1.0f / sum;
        Vec<L> loss{};
        for (int k = 0; k < rows.classes; ++k) {
            const Vec<L> t = S::load(rows.targets + k * L);
            float* const gradient = rows.gradient + k * L;
            loss = fma(t, rows.largest - S::load(rows.logits + k * L), loss);
            S::store(gradient, fma(S::load(gradient), inverse, -t) * rows.scale);
        }
        return loss + S::log(sum);
    }

    template <int L>
    SEEDBED_INLINE Vec<L> value(Vec<L> p, Vec<L> t) const {
        return -t * Simd<L>::log(positive<L>(p));
    }
    template <int L>
    SEEDBED_INLINE Vec<L> slope(Vec<L> p, Vec<L> t) const {
        return -t / positive<L>(p);
    }
};

// Σ (p - t)²: the mean squared error of probabilities (Brier 1950)
struct Brier {
    static constexpr const char* name = "brier";
    explicit Brier(Settings&) {}

    template <int L>
    SEEDBED_INLINE Vec<L> value(Vec<L> p, Vec<L> t) const {
        return (p - t) * (p - t);
    }
    template <int L>
    SEEDBED_INLINE Vec<L> slope(Vec<L> p, Vec<L> t) const {
        return (p - t) * 2.0f;
    }
};

// Σ |p - t|: the mean absolute error of probabilities (Ghosh et al. 2017)
struct MeanAbsoluteError {
    static constexpr const char* name = "mae";
    explicit MeanAbsoluteError(Settings&) {}

    template <int L>
    SEEDBED_INLINE Vec<L> value(Vec<L> p, Vec<L> t) const {
        return Simd<L>::abs(p - t);
    }
    template <int L>
    SEEDBED_INLINE Vec<L> slope(Vec<L> p, Vec<L> t) const {
        const Vec<L> d = p - t;
        const Vec<L> negative = select(d < 0.0f, Simd<L>::splat(-1.0f), Vec<L>{});
        return select(d > 0.0f, Simd<L>::splat(1.0f), negative);
    }
};

// -Σ t log s + (1 - t) log (1 - s), with s the sigmoids of the logits
struct BinaryCrossEntropy {
    static constexpr const char* name = "binary-cross-entropy";
    explicit BinaryCrossEntropy(Settings&) {}

    template <int L>
    SEEDBED_INLINE Vec<L> of_logits(const LossRows<L>& rows) const {
        using S = Simd<L>;
        Vec<L> loss{};
        for (int k = 0; k < rows.classes; ++k) {
            const Vec<L> z = S::load(rows.logits + k * L), t = S::load(rows.targets + k * L);
            // without overflow
            loss += fma(-z, t, select(z > 0.0f, z, Vec<L>{})) + S::log(1.0f + S::exp(-S::abs(z)));
            S::store(rows.gradient + k * L, (S::sigmoid(z) - t) * rows.scale);
        }
        return loss;
    }
};

// Σ t (1 - p^q) / q (Zhang and Sabuncu 2018)
struct GeneralizedCrossEntropy {
    static constexpr const char* name = "generalized-cross-entropy";
    explicit GeneralizedCrossEntropy(Settings& settings) : q(settings.number("q")) {
        settings.expect(q > 0.0f && q <= 1.0f, "q", "above 0 and at most 1");
    }

    template <int L>
    SEEDBED_INLINE Vec<L> value(Vec<L> p, Vec<L> t) const {
        return -t * Simd<L>::expm1(Simd<L>::log(positive<L>(p)) * q) / q;
    }
    template <int L>
    SEEDBED_INLINE Vec<L> slope(Vec<L> p, Vec<L> t) const {
        return -t * Simd<L>::exp(Simd<L>::log(positive<L>(p)) * (q - 1.0f));
    }

    float q;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
