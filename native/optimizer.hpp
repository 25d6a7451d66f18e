// Optimizers over flat arrays of weights, with the update rules of torch.optim.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "kernels/simd.hpp"
#include "team.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

enum class Rule { sgd, adam, adamw };

inline Rule rule_of(const std::string& name) {
    if (name == "sgd") return Rule::sgd;
    if (name == "adam") return Rule::adam;
    if (name == "adamw") return Rule::adamw;
    throw std::invalid_argument("unknown optimizer \"" + name + "\", expected sgd, adam or adamw");
}

struct Optimizer {
    Rule rule = Rule::sgd;
    float momentum = 0.0f;
    bool nesterov = false;
    float weight_decay = 0.0f;
    double beta1 = 0.9, beta2 = 0.999;
    double epsilon = 1e-8;
    float l1 = 0.0f, l2 = 0.0f;  // penalty l1 Σ |w| + l2 / 2 Σ w², added to the loss
    float clip = 0.0f;           // largest norm of the loss's gradient; 0 for any
};

// What a run carries from step to step: `count` weights, and behind them `buffers` numbers that have no
// gradient; the first moment of the weights, which is the momentum of SGD; the second moment of Adam;
// and the average of a recipe with weight averaging, of weights and buffers. Null where there is none.
struct State {
    std::size_t count = 0, buffers = 0;
    float* weights = nullptr;
    float* first = nullptr;
    float* second = nullptr;
    float* average = nullptr;

    // What one of several threads updates: a part that begins on a cache line, the last with the buffers.
    State part(const Share& share) const {
        constexpr std::size_t kLine = 16;
        auto [begin, end] = share.of((count + kLine - 1) / kLine);
        begin = std::min(begin * kLine, count);
        end = std::min(end * kLine, count);
        const auto from = [begin](float* all) { return all == nullptr ? nullptr : all + begin; };
        return {end - begin, share.last() ? buffers : 0, from(weights), from(first),
                from(second), from(average)};
    }
};

// torch.optim.SGD: weight decay is part of the gradient.
inline void sgd(const Optimizer& o, const State& run, const float* gradient, float learning_rate) {
    float* __restrict w = run.weights;
    float* __restrict v = run.first;
    const float decay = o.weight_decay, momentum = o.momentum;
    if (o.momentum == 0.0f) {
        for (std::size_t i = 0; i < run.count; ++i)
            w[i] = fma(-learning_rate, fma(decay, w[i], gradient[i]), w[i]);
    } else if (o.nesterov) {
        for (std::size_t i = 0; i < run.count; ++i) {
            const float g = fma(decay, w[i], gradient[i]);
            v[i] = fma(momentum, v[i], g);
            w[i] = fma(-learning_rate, fma(momentum, v[i], g), w[i]);
        }
    } else {
        for (std::size_t i = 0; i < run.count; ++i) {
            v[i] = fma(momentum, v[i], fma(decay, w[i], gradient[i]));
            w[i] = fma(-learning_rate, v[i], w[i]);
        }
    }
}

// base^exponent by squaring: std::pow has other bits in other libraries.
inline double power(double base, std::int64_t exponent) {
    double result = 1.0;
    for (; exponent > 0; exponent /= 2, base *= base)
        if (exponent % 2) result *= base;
    return result;
}

// torch.optim.Adam (Kingma and Ba 2015, algorithm 1), where weight decay is part of the gradient, and
// torch.optim.AdamW (Loshchilov and Hutter 2019, algorithm 2), where it shrinks the weights.
inline void adam(const Optimizer& o, const State& run, const float* gradient, std::int64_t step,
                 float learning_rate) {
    float* __restrict w = run.weights;
    float* __restrict m = run.first;
    float* __restrict v = run.second;
    const std::int64_t t = step + 1;
    const float size = static_cast<float>(learning_rate / (1.0 - power(o.beta1, t)));
    const float correction = static_cast<float>(1.0 / std::sqrt(1.0 - power(o.beta2, t)));
    const bool decoupled = o.rule == Rule::adamw;
    const float keep = decoupled ? fma(-learning_rate, o.weight_decay, 1.0f) : 1.0f;
    const float decay = decoupled ? 0.0f : o.weight_decay;
    const float b1 = static_cast<float>(o.beta1), b2 = static_cast<float>(o.beta2);
    const float c1 = static_cast<float>(1.0 - o.beta1), c2 = static_cast<float>(1.0 - o.beta2);
    const float epsilon = static_cast<float>(o.epsilon);
    for (std::size_t i = 0; i < run.count; ++i) {
        const float g = fma(decay, w[i], gradient[i]);
        m[i] = fma(b1, m[i], c1 * g);
        v[i] = fma(b2, v[i], c2 * (g * g));
        w[i] = fma(keep, w[i], -(size * m[i] / fma(std::sqrt(v[i]), correction, epsilon)));
    }
}

// torch.nn.utils.clip_grad_norm_ over all weights (Pascanu et al. 2013): what the gradient is to be
// multiplied with.
inline float clip_factor(float largest, std::size_t count, const float* gradient) {
    // Products of floats are exact in double, and the order of the sums is fixed: the same bits with
    // any instruction set.
    constexpr std::size_t kSums = 16;
    double sums[kSums] = {};
    for (std::size_t i = 0; i < count; ++i) {
        const double g = gradient[i];
        sums[i % kSums] += g * g;
    }
    double sum = 0.0;
    for (const double part : sums) sum += part;
    const double factor = largest / (std::sqrt(sum) + 1e-6);
    return factor >= 1.0 ? 1.0f : static_cast<float>(factor);
}

// From the gradient of the loss to the next weights: in this order, and a thread may do it for a part
// of the weights.
inline void add_penalty(const Optimizer& o, const State& run, float* __restrict gradient) {
    if (o.l1 == 0.0f && o.l2 == 0.0f) return;
    const float* __restrict w = run.weights;
    const float l1 = o.l1, l2 = o.l2;
    for (std::size_t i = 0; i < run.count; ++i) {
        const float sign = w[i] > 0.0f ? l1 : (w[i] < 0.0f ? -l1 : 0.0f);
        gradient[i] += fma(l2, w[i], sign);
    }
}

inline void shrink(const State& run, float factor, float* __restrict gradient) {
    if (factor == 1.0f) return;
    for (std::size_t i = 0; i < run.count; ++i) gradient[i] *= factor;
}

inline void update(const Optimizer& o, const State& run, const float* gradient, std::int64_t step,
                   float learning_rate, float average_decay) {
    if (o.rule == Rule::sgd)
        sgd(o, run, gradient, learning_rate);
    else
        adam(o, run, gradient, step, learning_rate);
    if (run.average != nullptr) {
        const float* __restrict w = run.weights;
        float* __restrict a = run.average;
        for (std::size_t i = 0; i < run.count + run.buffers; ++i)
            a[i] = fma(average_decay, a[i] - w[i], w[i]);
    }
}

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
