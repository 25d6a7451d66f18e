// Robust losses of the whole row of probabilities, with l = -log p.
#pragma once

#include "losses/rows.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// Σ t (β (1 - p) + α l), with β = A times the setting: cross-entropy plus reverse cross-entropy, where
// log 0 = -A (Wang et al. 2019)
struct SymmetricCrossEntropy {
    static constexpr const char* name = "symmetric-cross-entropy";
    explicit SymmetricCrossEntropy(Settings& settings)
        : alpha(settings.number("alpha")), beta(settings.number("beta") * 9.21034037f) {}

    template <int L>
    SEEDBED_INLINE Vec<L> of_logits(const LossRows<L>& rows) const {
        using S = Simd<L>;
        const Vec<L> sum = exponentials(rows);
        const Vec<L> inverse = 1.0f / sum;
        Vec<L> below{}, agreement{};
        for (int k = 0; k < rows.classes; ++k) {
            const Vec<L> t = S::load(rows.targets + k * L);
            const Vec<L> p = S::load(rows.gradient + k * L) * inverse;
            below = fma(t, rows.largest - S::load(rows.logits + k * L), below);
            agreement = fma(t, p, agreement);
            S::store(rows.gradient + k * L, p);
        }
        for (int k = 0; k < rows.classes; ++k) {
            const Vec<L> t = S::load(rows.targets + k * L);
            const Vec<L> p = S::load(rows.gradient + k * L);
            const Vec<L> reverse = p * (agreement - t);
            S::store(rows.gradient + k * L, fma(reverse, beta, (p - t) * alpha) * rows.scale);
        }
        return fma(1.0f - agreement, beta, (below + S::log(sum)) * alpha);
    }

    float alpha, beta;
};

// Σ (β t + (1 - β) p) l (Reed et al. 2014)
struct SoftBootstrapping {
    static constexpr const char* name = "soft-bootstrapping";
    explicit SoftBootstrapping(Settings& settings) : beta(settings.number("beta")) {}

    template <int L>
    SEEDBED_INLINE Vec<L> of_logits(const LossRows<L>& rows) const {
        using S = Simd<L>;
        const Vec<L> sum = exponentials(rows);
        const Vec<L> inverse = 1.0f / sum, shift = rows.largest + S::log(sum);
        Vec<L> given{}, entropy{};
        for (int k = 0; k < rows.classes; ++k) {
            const Vec<L> t = S::load(rows.targets + k * L);
            const Vec<L> l = shift - S::load(rows.logits + k * L);
            const Vec<L> p = S::load(rows.gradient + k * L) * inverse;
            given = fma(t, l, given);
            entropy = fma(p, l, entropy);
            S::store(rows.gradient + k * L, p);
        }
        for (int k = 0; k < rows.classes; ++k) {
            const Vec<L> t = S::load(rows.targets + k * L);
            const Vec<L> l = shift - S::load(rows.logits + k * L);
            const Vec<L> p = S::load(rows.gradient + k * L);
            // p - (β t + (1 - β) p) + (1 - β) p (l - entropy)
            const Vec<L> of_targets = p * (l - entropy);
            S::store(rows.gradient + k * L,
                     fma(of_targets, 1.0f - beta, (p - t) * beta) * rows.scale);
        }
        return fma(entropy, 1.0f - beta, given * beta);
    }

    float beta;
};

// -Σ (β t + (1 - β) y) log p, with y = 1 for the most probable class (Reed et al. 2014)
struct HardBootstrapping {
    static constexpr const char* name = "hard-bootstrapping";
    explicit HardBootstrapping(Settings& settings) : beta(settings.number("beta")) {}

    template <int L>
    SEEDBED_INLINE Vec<L> of_logits(const LossRows<L>& rows) const {
        using S = Simd<L>;
        const Vec<L> sum = exponentials(rows);
        const Vec<L> inverse = 1.0f / sum;
        Vec<L> loss{}, left = S::splat(1.0f);  // left: of y
        for (int k = 0; k < rows.classes; ++k) {
            const Vec<L> t = S::load(rows.targets + k * L);
            const Vec<L> below = rows.largest - S::load(rows.logits + k * L);
            float* const gradient = rows.gradient + k * L;
            const Vec<L> winner = select(below == 0.0f, left, Vec<L>{});  // the first of equals
            left = left - winner;
            loss = fma(t * beta, below, loss);
            const Vec<L> target = fma(winner, 1.0f - beta, t * beta);
            S::store(gradient, fma(S::load(gradient), inverse, -target) * rows.scale);
        }
        return loss + S::log(sum);
    }

    float beta;
};

// α Σ t l / Σ l, normalized cross-entropy (Ma et al. 2020), plus β times a passive loss, which adds up
// what it needs of every class and then has a value, and a slope by each logit.
template <class Passive>
struct ActivePassive {
    static constexpr const char* name = Passive::name;
    explicit ActivePassive(Settings& settings)
        : alpha(settings.number("alpha")), beta(settings.number("beta")), passive(settings) {}

    template <int L>
    SEEDBED_INLINE Vec<L> of_logits(const LossRows<L>& rows) const {
        using S = Simd<L>;
        const Vec<L> sum = exponentials(rows);
        const Vec<L> inverse = 1.0f / sum, shift = rows.largest + S::log(sum);
        const float classes = static_cast<float>(rows.classes);
        typename Passive::template Sums<L> sums(passive, classes);
        Vec<L> all{}, given{};
        for (int k = 0; k < rows.classes; ++k) {
            const Vec<L> t = S::load(rows.targets + k * L);
            const Vec<L> l = shift - S::load(rows.logits + k * L);
            const Vec<L> p = S::load(rows.gradient + k * L) * inverse;
            S::store(rows.gradient + k * L, p);
            all += l;
            given = fma(t, l, given);
            sums.add(p, t, l);
        }
        all = positive<L>(all);  // which is 0 with a single class
        const Vec<L> normalized = given / all;
        for (int k = 0; k < rows.classes; ++k) {
            const Vec<L> t = S::load(rows.targets + k * L);
            const Vec<L> l = shift - S::load(rows.logits + k * L);
            const Vec<L> p = S::load(rows.gradient + k * L);
            const Vec<L> active = ((p - t) - normalized * (p * classes - 1.0f)) / all;
            S::store(rows.gradient + k * L,
                     fma(sums.slope(p, t, l), beta, active * alpha) * rows.scale);
        }
        return fma(sums.value(), beta, normalized * alpha);
    }

    float alpha, beta;
    Passive passive;
};

// A (1 - Σ t p): reverse cross-entropy, where log 0 = -A = log 1e-4
struct ReverseCrossEntropy {
    static constexpr const char* name = "active-passive";
    static constexpr float kA = 9.21034037f;
    explicit ReverseCrossEntropy(Settings&) {}

    template <int L>
    struct Sums {
        SEEDBED_INLINE Sums(const ReverseCrossEntropy&, float) {}
        SEEDBED_INLINE void add(Vec<L> p, Vec<L> t, Vec<L>) { mean = fma(p, t, mean); }
        SEEDBED_INLINE Vec<L> value() const { return (1.0f - mean) * kA; }
        SEEDBED_INLINE Vec<L> slope(Vec<L> p, Vec<L> t, Vec<L>) const { return p * (mean - t) * kA; }
        Vec<L> mean{};
    };
};

// 1 - Σ t n / Σ n with n = A - l, at least 0, and A = -log 1e-7 (Ye et al. 2023)
struct NegativeCrossEntropy {
    static constexpr const char* name = "active-negative";
    static constexpr float kA = 16.11809565f;
    explicit NegativeCrossEntropy(Settings&) {}

    template <int L>
    struct Sums {
        SEEDBED_INLINE Sums(const NegativeCrossEntropy&, float) {}
        SEEDBED_INLINE void add(Vec<L>, Vec<L> t, Vec<L> l) {
            const Vec<L> one = inside(l), n = (kA - l) * one;
            all += n;
            given = fma(t, n, given);
            ones += one;
            given_ones = fma(t, one, given_ones);
        }
        SEEDBED_INLINE Vec<L> value() const { return 1.0f - given / all; }
        SEEDBED_INLINE Vec<L> slope(Vec<L> p, Vec<L> t, Vec<L> l) const {
            const Vec<L> one = inside(l);
            return ((one - p * ones) * (given / all) - (t * one - p * given_ones)) / all;
        }
        static SEEDBED_INLINE Vec<L> inside(Vec<L> l) {
            return select(l < kA, Simd<L>::splat(1.0f), Vec<L>{});
        }
        Vec<L> all{}, given{}, ones{}, given_ones{};
    };
};

// Σ (p - a t)² / K, the asymmetric squared error (Wang et al. 2025)
struct AsymmetricSquaredError {
    static constexpr const char* name = "joint-asymmetric";
    explicit AsymmetricSquaredError(Settings& settings) : a(settings.number("asymmetry")) {}

    template <int L>
    struct Sums {
        SEEDBED_INLINE Sums(const AsymmetricSquaredError& loss, float classes)
            : a(loss.a), share(1.0f / classes) {}
        SEEDBED_INLINE void add(Vec<L> p, Vec<L> t, Vec<L>) {
            const Vec<L> d = p - t * a;
            error = fma(d, d, error);
            mean = fma(d, p, mean);
        }
        SEEDBED_INLINE Vec<L> value() const { return error * share; }
        SEEDBED_INLINE Vec<L> slope(Vec<L> p, Vec<L> t, Vec<L>) const {
            return p * (p - t * a - mean) * (2.0f * share);
        }
        float a, share;
        Vec<L> error{}, mean{};
    };

    float a;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
