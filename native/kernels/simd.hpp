// Vectors of floats that hold one value of each of L images ("lanes"), written with the vector
// extension of GCC and Clang, so that one source serves AVX-512, AVX2, SSE and NEON.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#if defined(__clang__)
#define SEEDBED_UNROLL _Pragma("clang loop unroll(full)")
#else
#define SEEDBED_UNROLL _Pragma("GCC unroll 32")
#endif
#define SEEDBED_INLINE inline __attribute__((always_inline))

namespace seedbed {
// Every instruction set is built into an extension module of its own; the inline namespace keeps
// their symbols apart where two of them are loaded into one process.
inline namespace SEEDBED_INSTRUCTIONS {

template <int L>
struct Simd {
    typedef float Vec __attribute__((vector_size(L * sizeof(float))));
    typedef std::int32_t Int __attribute__((vector_size(L * sizeof(float))));

    // 1.5 · 2^23: a number of up to 22 bits that is added to it is rounded to an integer, which then
    // stands in the low bits of the sum.
    static constexpr float kRounder = 12582912.0f;
    static constexpr std::int32_t kRounderBits = 0x4b400000;

    static SEEDBED_INLINE Vec load(const float* p) {
        Vec v;
        std::memcpy(&v, __builtin_assume_aligned(p, L * sizeof(float)), sizeof v);
        return v;
    }
    static SEEDBED_INLINE Vec load_unaligned(const float* p) {
        Vec v;
        std::memcpy(&v, p, sizeof v);
        return v;
    }
    static SEEDBED_INLINE Int load(const std::int32_t* p) {
        Int v;
        std::memcpy(&v, __builtin_assume_aligned(p, L * sizeof(float)), sizeof v);
        return v;
    }
    template <class T, class V>
    static SEEDBED_INLINE void store(T* p, V v) {
        std::memcpy(__builtin_assume_aligned(p, L * sizeof(float)), &v, sizeof v);
    }
    static SEEDBED_INLINE void store_unaligned(float* p, Vec v) { std::memcpy(p, &v, sizeof v); }
    static SEEDBED_INLINE Vec splat(float x) { return x - Vec{}; }
    static SEEDBED_INLINE Int splat(std::int32_t x) { return x - Int{}; }
    // Where one of the two is NaN, these give b.
    static SEEDBED_INLINE Vec max(Vec a, Vec b) { return a > b ? a : b; }
    static SEEDBED_INLINE Vec min(Vec a, Vec b) { return a < b ? a : b; }
    static SEEDBED_INLINE Vec inverse_root(Vec v) {
        float lanes[L];
        std::memcpy(lanes, &v, sizeof v);
        for (int i = 0; i < L; ++i) lanes[i] = 1.0f / std::sqrt(lanes[i]);
        std::memcpy(&v, lanes, sizeof v);
        return v;
    }
    static SEEDBED_INLINE Vec abs(Vec a) { return (Vec)((Int)a & 0x7fffffff); }

    // The order of the additions is fixed, so a sum has the same bits on every run.
    static SEEDBED_INLINE float sum(Vec v) {
        float lanes[L];
        std::memcpy(lanes, &v, sizeof v);
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

    // Transposes L vectors in place: rows[i][j] and rows[j][i] change places. Blocks of `Half` lanes
    // are exchanged between rows that are `Half` apart, for Half = L/2, ..., 2, 1.
    template <int Half = L / 2>
    static SEEDBED_INLINE void transpose(Vec (&rows)[L]) {
        SEEDBED_UNROLL
        for (int i = 0; i < L; ++i) {
            if (i & Half) continue;
            const Vec a = rows[i], b = rows[i + Half];
            rows[i] = exchange<Half, false>(a, b, std::make_integer_sequence<int, L>{});
            rows[i + Half] = exchange<Half, true>(a, b, std::make_integer_sequence<int, L>{});
        }
        if constexpr (Half > 1) transpose<Half / 2>(rows);
    }

    // The lower (or upper) blocks of a, with those of b in the places between.
    template <int Half, bool Upper, int... I>
    static SEEDBED_INLINE Vec exchange(Vec a, Vec b, std::integer_sequence<int, I...>) {
        return __builtin_shufflevector(
            a, b, ((I & Half) ? L + (Upper ? I : I - Half) : (Upper ? I + Half : I))...);
    }

    // e^x to about 2 units in the last place. Cody and Waite's reduction and the polynomial of
    // Cephes' expf (Moshier, 1992). Arguments are clamped to where float32 has normal results; NaN
    // stays NaN.
    static SEEDBED_INLINE Vec exp(Vec x) {
        x = min(splat(88.3f), max(splat(-87.3f), x));
        const Vec rounded = x * 1.44269504088896341f + kRounder;
        const Vec n = rounded - kRounder;
        const Vec r = x - n * 0.693359375f + n * 2.12194440e-4f;
        Vec p = splat(1.9875691500e-4f);
        p = p * r + 1.3981999507e-3f;
        p = p * r + 8.3334519073e-3f;
        p = p * r + 4.1665795894e-2f;
        p = p * r + 1.6666665459e-1f;
        p = p * r + 5.0000001201e-1f;
        p = p * (r * r) + r + 1.0f;
        const Int exponent = (Int)rounded - kRounderBits + 127;
        return p * (Vec)(exponent << 23);
    }

    static SEEDBED_INLINE Vec sigmoid(Vec x) { return 1.0f / (1.0f + exp(-x)); }

    // tanh, with the polynomial of Cephes' tanhf near 0, where 1 - 2 / (e^2x + 1) would cancel.
    static SEEDBED_INLINE Vec tanh(Vec x) {
        const Vec z = x * x;
        Vec p = splat(-5.70498872745e-3f);
        p = p * z + 2.06390887954e-2f;
        p = p * z - 5.37397155531e-2f;
        p = p * z + 1.33314422036e-1f;
        p = p * z - 3.33332819422e-1f;
        const Vec near = p * z * x + x;
        const Vec far = 1.0f - 2.0f / (exp(x * 2.0f) + 1.0f);
        return abs(x) < 0.625f ? near : far;
    }

    // e^x - 1 for x <= 0, without cancellation near 0 (the Taylor series to the seventh order).
    static SEEDBED_INLINE Vec expm1(Vec x) {
        Vec p = splat(1.0f / 5040);
        p = p * x + 1.0f / 720;
        p = p * x + 1.0f / 120;
        p = p * x + 1.0f / 24;
        p = p * x + 1.0f / 6;
        p = p * x + 0.5f;
        const Vec near = p * (x * x) + x;
        return x > -0.5f ? near : exp(x) - 1.0f;
    }

    // Natural logarithm of a normal positive number; Cephes' logf.
    static SEEDBED_INLINE Vec log(Vec x) {
        Int bits = (Int)x;
        Int exponent = (bits >> 23) - 126;
        Vec m = (Vec)((bits & 0x007fffff) | 0x3f000000);  // [0.5, 1)
        const Int low = m < 0.707106781186547524f;
        exponent += low;  // a true comparison is -1
        m = m + (Vec)((Int)m & low) - 1.0f;
        const Vec z = m * m;
        Vec p = splat(7.0376836292e-2f);
        p = p * m - 1.1514610310e-1f;
        p = p * m + 1.1676998740e-1f;
        p = p * m - 1.2420140846e-1f;
        p = p * m + 1.4249322787e-1f;
        p = p * m - 1.6668057665e-1f;
        p = p * m + 2.0000714765e-1f;
        p = p * m - 2.4999993993e-1f;
        p = p * m + 3.3333331174e-1f;
        const Vec n = (Vec)(exponent + kRounderBits) - kRounder;
        return m + (p * z * m - n * 2.12194440e-4f - z * 0.5f) + n * 0.693359375f;
    }
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
