// Functions of vectors that hold one value of each of L images ("lanes").
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "kernels/lanes.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

template <int L>
struct Simd {
    using Vec = Lanes<float, L>;
    using Int = Lanes<std::int32_t, L>;

    // 1.5 · 2^23: a number of up to 22 bits that is added to it is rounded to an integer, which then
    // stands in the low bits of the sum.
    static constexpr float kRounder = 12582912.0f;
    static constexpr std::int32_t kRounderBits = 0x4b400000;

    template <class T>
    static SEEDBED_INLINE Lanes<T, L> load(const T* p) {
        if constexpr (L > kRegister) {
            return {Simd<L / 2>::load(p), Simd<L / 2>::load(p + L / 2)};
        } else {
            Lanes<T, L> v;
            std::memcpy(&v, __builtin_assume_aligned(p, sizeof v), sizeof v);
            return v;
        }
    }
    template <class T>
    static SEEDBED_INLINE void store(T* p, Lanes<T, L> v) {
        if constexpr (L > kRegister) {
            Simd<L / 2>::store(p, v.low);
            Simd<L / 2>::store(p + L / 2, v.high);
        } else {
            std::memcpy(__builtin_assume_aligned(p, sizeof v), &v, sizeof v);
        }
    }
    static SEEDBED_INLINE void store_unaligned(float* p, Vec v) {
        if constexpr (L > kRegister) {
            Simd<L / 2>::store_unaligned(p, v.low);
            Simd<L / 2>::store_unaligned(p + L / 2, v.high);
        } else {
            std::memcpy(p, &v, sizeof v);
        }
    }
    static SEEDBED_INLINE Vec splat(float x) { return seedbed::splat<float, L>(x); }
    static SEEDBED_INLINE Int splat(std::int32_t x) { return seedbed::splat<std::int32_t, L>(x); }
    // Where one of the two is NaN, these give b.
    static SEEDBED_INLINE Vec max(Vec a, Vec b) { return select(a > b, a, b); }
    static SEEDBED_INLINE Vec min(Vec a, Vec b) { return select(a < b, a, b); }
    static SEEDBED_INLINE Vec inverse_root(Vec v) {
        alignas(64) float lanes[L];
        store(lanes, v);
        for (int i = 0; i < L; ++i) lanes[i] = 1.0f / std::sqrt(lanes[i]);
        return load(lanes);
    }
    static SEEDBED_INLINE Vec abs(Vec a) { return bits_as<float>(bits_as<std::int32_t>(a) & 0x7fffffff); }

    // The order of the additions is fixed, so a sum has the same bits on every run.
    static SEEDBED_INLINE float sum(Vec v) {
        alignas(64) float lanes[L];
        store(lanes, v);
        for (int step = L / 2; step > 0; step /= 2)
            for (int i = 0; i < step; ++i) lanes[i] += lanes[i + step];
        return lanes[0];
    }

    // The sums of L vectors, side by side; the order of the additions is fixed here, too.
    static SEEDBED_INLINE Vec sums(Vec (&rows)[L]) {
        transpose(rows);
        for (int step = L / 2; step > 0; step /= 2)
            for (int i = 0; i < step; ++i) rows[i] += rows[i + step];
        return rows[0];
    }

    // Transposes L vectors in place: rows[i][j] and rows[j][i] change places.
    static SEEDBED_INLINE void transpose(Vec (&rows)[L]) {
        if constexpr (L > kRegister) {
            constexpr int kHalf = L / 2;
            Lanes<float, kHalf> quarters[4][kHalf];
            SEEDBED_UNROLL
            for (int i = 0; i < kHalf; ++i) {
                quarters[0][i] = rows[i].low;
                quarters[1][i] = rows[i].high;
                quarters[2][i] = rows[i + kHalf].low;
                quarters[3][i] = rows[i + kHalf].high;
            }
            for (auto& quarter : quarters) Simd<kHalf>::transpose(quarter);
            SEEDBED_UNROLL
            for (int i = 0; i < kHalf; ++i) {
                rows[i] = {quarters[0][i], quarters[2][i]};
                rows[i + kHalf] = {quarters[1][i], quarters[3][i]};
            }
        } else {
            exchange_blocks<L / 2>(rows);
        }
    }

    // e^x to about 2 units in the last place. Cody and Waite's reduction and the polynomial of
    // Cephes' expf (Moshier, 1992). Arguments are clamped to where float32 has normal results; NaN
    // stays NaN.
    static SEEDBED_INLINE Vec exp(Vec x) {
        x = min(splat(88.3f), max(splat(-87.3f), x));
        const Vec rounded = fma(x, 1.44269504088896341f, kRounder);
        const Vec n = rounded - kRounder;
        const Vec r = fma(n, 2.12194440e-4f, fma(n, -0.693359375f, x));
        Vec p = splat(1.9875691500e-4f);
        p = fma(p, r, 1.3981999507e-3f);
        p = fma(p, r, 8.3334519073e-3f);
        p = fma(p, r, 4.1665795894e-2f);
        p = fma(p, r, 1.6666665459e-1f);
        p = fma(p, r, 5.0000001201e-1f);
        p = fma(p, r * r, r) + 1.0f;
        const Int exponent = bits_as<std::int32_t>(rounded) - kRounderBits + 127;
        return p * bits_as<float>(exponent << 23);
    }

    static SEEDBED_INLINE Vec sigmoid(Vec x) { return 1.0f / (1.0f + exp(-x)); }

    // tanh, with the polynomial of Cephes' tanhf near 0, where 1 - 2 / (e^2x + 1) would cancel.
    static SEEDBED_INLINE Vec tanh(Vec x) {
        const Vec z = x * x;
        Vec p = splat(-5.70498872745e-3f);
        p = fma(p, z, 2.06390887954e-2f);
        p = fma(p, z, -5.37397155531e-2f);
        p = fma(p, z, 1.33314422036e-1f);
        p = fma(p, z, -3.33332819422e-1f);
        const Vec near = fma(p * z, x, x);
        const Vec far = 1.0f - 2.0f / (exp(x * 2.0f) + 1.0f);
        return select(abs(x) < 0.625f, near, far);
    }

    // e^x - 1 for x <= 0, without cancellation near 0 (the Taylor series to the seventh order).
    static SEEDBED_INLINE Vec expm1(Vec x) {
        Vec p = splat(1.0f / 5040);
        p = fma(p, x, 1.0f / 720);
        p = fma(p, x, 1.0f / 120);
        p = fma(p, x, 1.0f / 24);
        p = fma(p, x, 1.0f / 6);
        p = fma(p, x, 0.5f);
        const Vec near = fma(p, x * x, x);
        return select(x > -0.5f, near, exp(x) - 1.0f);
    }

    // Natural logarithm of a normal positive number; Cephes' logf.
    static SEEDBED_INLINE Vec log(Vec x) {
        const Int bits = bits_as<std::int32_t>(x);
        Int exponent = (bits >> 23) - 126;
        Vec m = bits_as<float>((bits & 0x007fffff) | 0x3f000000);  // [0.5, 1)
        const Int low = m < 0.707106781186547524f;
        exponent += low;  // a true comparison is -1
        m = m + bits_as<float>(bits_as<std::int32_t>(m) & low) - 1.0f;
        const Vec z = m * m;
        Vec p = splat(7.0376836292e-2f);
        p = fma(p, m, -1.1514610310e-1f);
        p = fma(p, m, 1.1676998740e-1f);
        p = fma(p, m, -1.2420140846e-1f);
        p = fma(p, m, 1.4249322787e-1f);
        p = fma(p, m, -1.6668057665e-1f);
        p = fma(p, m, 2.0000714765e-1f);
        p = fma(p, m, -2.4999993993e-1f);
        p = fma(p, m, 3.3333331174e-1f);
        const Vec n = bits_as<float>(exponent + kRounderBits) - kRounder;
        const Vec tail = fma(z, -0.5f, fma(p * z, m, n * -2.12194440e-4f));
        return fma(n, 0.693359375f, m + tail);
    }

  private:
    // Exchanges blocks of `Half` lanes between rows that are `Half` apart, for Half = L/2, ..., 2, 1.
    template <int Half>
    static SEEDBED_INLINE void exchange_blocks(Vec (&rows)[L]) {
        SEEDBED_UNROLL
        for (int i = 0; i < L; ++i) {
            if (i & Half) continue;
            const Vec a = rows[i], b = rows[i + Half];
            rows[i] = mix<Half, false>(a, b, std::make_integer_sequence<int, L>{});
            rows[i + Half] = mix<Half, true>(a, b, std::make_integer_sequence<int, L>{});
        }
        if constexpr (Half > 1) exchange_blocks<Half / 2>(rows);
    }

    // The lower (or upper) blocks of a, with those of b in the places between.
    template <int Half, bool Upper, int... I>
    static SEEDBED_INLINE Vec mix(Vec a, Vec b, std::integer_sequence<int, I...>) {
        return {__builtin_shufflevector(
            a.at, b.at, ((I & Half) ? L + (Upper ? I : I - Half) : (Upper ? I + Half : I))...)};
    }
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
