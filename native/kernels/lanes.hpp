// L values side by side, one of each of L images, in as many registers as that takes. Written with the
// vector extension of GCC and Clang, so that one source serves AVX-512, AVX2, SSE and NEON.
//
// Bits do not depend on the instruction set: every operation works on each lane alone, rounds
// as IEEE 754 says, and multiplies and adds in one rounding only where the source says `fma` (the
// compiler is told not to do so on its own).
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#if defined(__FMA__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#if defined(__clang__)
#define SEEDBED_UNROLL _Pragma("clang loop unroll(full)")
#else
#define SEEDBED_UNROLL _Pragma("GCC unroll 32")
#endif
#define SEEDBED_INLINE inline __attribute__((always_inline))
#define SEEDBED_INLINE_LAMBDA __attribute__((always_inline))

namespace seedbed {
// Every instruction set is built into an extension module of its own; the inline namespace keeps
// their symbols apart where two of them are loaded into one process.
inline namespace SEEDBED_INSTRUCTIONS {

// Floats of a register.
#if defined(__AVX512F__)
constexpr int kRegister = 16;
#elif defined(__AVX2__)
constexpr int kRegister = 8;
#elif defined(__aarch64__)
constexpr int kRegister = 4;
#else
constexpr int kRegister = 4;
#endif

// Whether the processor multiplies and adds in one rounding. In software that takes many times as
// long, so without it `fma` rounds twice, and results have bits of their own.
#if defined(__FP_FAST_FMAF) || defined(__FMA__) || defined(__aarch64__)
constexpr bool kCanonical = true;
#else
constexpr bool kCanonical = false;
#endif

template <class T, int L, bool One = (L <= kRegister)>
struct Lanes;

template <class T, int L>
struct Lanes<T, L, true> {
    typedef T Register __attribute__((vector_size(L * sizeof(T))));
    Register at;
};

template <class T, int L>
struct Lanes<T, L, false> {
    Lanes<T, L / 2> low, high;
};

template <class Register>
using Element = std::remove_reference_t<decltype(std::declval<Register&>()[0])>;

template <class T, int L>
SEEDBED_INLINE Lanes<T, 2 * L> join(Lanes<T, L> low, Lanes<T, L> high) {
    return {low, high};
}

// What `f` makes of the arguments, register by register.
template <class F, class T, int L, class... More>
SEEDBED_INLINE auto apply(F f, Lanes<T, L> a, More... more) {
    if constexpr (L <= kRegister) {
        const auto result = f(a.at, more.at...);
        return Lanes<Element<std::remove_const_t<decltype(result)>>, L>{result};
    } else {
        return join(apply(f, a.low, more.low...), apply(f, a.high, more.high...));
    }
}

template <class T, int L>
SEEDBED_INLINE Lanes<T, L> splat(T x) {
    if constexpr (L <= kRegister)
        return {x - typename Lanes<T, L>::Register{}};
    else
        return {splat<T, L / 2>(x), splat<T, L / 2>(x)};
}

#define SEEDBED_OPERATOR(op)                                                                   \
    template <class T, int L>                                                                  \
    SEEDBED_INLINE auto operator op(Lanes<T, L> a, Lanes<T, L> b) {                            \
        return apply([](auto x, auto y) SEEDBED_INLINE_LAMBDA { return x op y; }, a, b);       \
    }                                                                                          \
    template <class T, int L>                                                                  \
    SEEDBED_INLINE auto operator op(Lanes<T, L> a, std::type_identity_t<T> b) {                \
        return a op splat<T, L>(b);                                                            \
    }                                                                                          \
    template <class T, int L>                                                                  \
    SEEDBED_INLINE auto operator op(std::type_identity_t<T> a, Lanes<T, L> b) {                \
        return splat<T, L>(a) op b;                                                            \
    }
SEEDBED_OPERATOR(+)
SEEDBED_OPERATOR(-)
SEEDBED_OPERATOR(*)
SEEDBED_OPERATOR(/)
SEEDBED_OPERATOR(&)
SEEDBED_OPERATOR(|)
SEEDBED_OPERATOR(<)
SEEDBED_OPERATOR(>)
SEEDBED_OPERATOR(==)
SEEDBED_OPERATOR(!=)
#undef SEEDBED_OPERATOR

template <class T, int L>
SEEDBED_INLINE Lanes<T, L> operator-(Lanes<T, L> a) {
    return apply([](auto x) SEEDBED_INLINE_LAMBDA { return -x; }, a);
}
template <int L>
SEEDBED_INLINE Lanes<std::int32_t, L> operator<<(Lanes<std::int32_t, L> a, int bits) {
    return apply([bits](auto x) SEEDBED_INLINE_LAMBDA { return x << bits; }, a);
}
template <int L>
SEEDBED_INLINE Lanes<std::int32_t, L> operator>>(Lanes<std::int32_t, L> a, int bits) {
    return apply([bits](auto x) SEEDBED_INLINE_LAMBDA { return x >> bits; }, a);
}
template <class T, int L, class Other>
SEEDBED_INLINE Lanes<T, L>& operator+=(Lanes<T, L>& a, Other b) {
    return a = a + b;
}
template <class T, int L, class Other>
SEEDBED_INLINE Lanes<T, L>& operator*=(Lanes<T, L>& a, Other b) {
    return a = a * b;
}

// `a` in the lanes where a comparison is true, `b` in the others.
template <class T, int L>
SEEDBED_INLINE Lanes<T, L> select(Lanes<std::int32_t, L> mask, Lanes<T, L> a, Lanes<T, L> b) {
    return apply([](auto m, auto x, auto y) SEEDBED_INLINE_LAMBDA { return m ? x : y; }, mask, a, b);
}

// The same bits as another type.
template <class To, class T, int L>
SEEDBED_INLINE Lanes<To, L> bits_as(Lanes<T, L> a) {
    return apply(
        [](auto x) SEEDBED_INLINE_LAMBDA {
            return (typename Lanes<To, sizeof x / sizeof(To)>::Register)x;
        },
        a);
}

// a · b + c, rounded once.
SEEDBED_INLINE float fma(float a, float b, float c) { return kCanonical ? __builtin_fmaf(a, b, c) : a * b + c; }
SEEDBED_INLINE double fma(double a, double b, double c) {
    return kCanonical ? __builtin_fma(a, b, c) : a * b + c;
}

template <class Register>
SEEDBED_INLINE Register register_fma(Register a, Register b, Register c) {
#if defined(__AVX512F__)
    if constexpr (sizeof(Register) == 64) return (Register)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#endif
#if defined(__FMA__)
    if constexpr (sizeof(Register) == 32) return (Register)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__aarch64__)
    return (Register)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
    if constexpr (!kCanonical) return a * b + c;
    for (std::size_t i = 0; i < sizeof(Register) / sizeof(float); ++i) c[i] = fma(a[i], b[i], c[i]);
    return c;
#endif
}

template <int L>
SEEDBED_INLINE Lanes<float, L> fma(Lanes<float, L> a, Lanes<float, L> b, Lanes<float, L> c) {
    return apply(
        [](auto x, auto y, auto z) SEEDBED_INLINE_LAMBDA { return register_fma(x, y, z); }, a, b, c);
}
template <int L>
SEEDBED_INLINE Lanes<float, L> fma(Lanes<float, L> a, Lanes<float, L> b, float c) {
    return fma(a, b, splat<float, L>(c));
}
template <int L>
SEEDBED_INLINE Lanes<float, L> fma(Lanes<float, L> a, float b, Lanes<float, L> c) {
    return fma(a, splat<float, L>(b), c);
}
template <int L>
SEEDBED_INLINE Lanes<float, L> fma(Lanes<float, L> a, float b, float c) {
    return fma(a, splat<float, L>(b), splat<float, L>(c));
}

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
