// Optimizers over flat arrays of weights, with the update rules of torch.optim.
#pragma once

#include <cmath>
#include <cstdint>

#include "simd.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

struct Optimizer {
    bool adamw = false;
    float momentum = 0.0f;
    bool nesterov = false;
    float weight_decay = 0.0f;
    double beta1 = 0.9, beta2 = 0.999;
    double epsilon = 1e-8;
};

// What a run carries from step to step, `count` numbers each. `second` is AdamW's, `average` is that
// of a recipe with weight averaging; null where there is none.
struct Weights {
    std::size_t count = 0;
    float* weights = nullptr;
    float* first = nullptr;
    float* second = nullptr;
    float* average = nullptr;
};

// torch.optim.SGD: weight decay is part of the gradient; the first step sets the momentum.
inline void sgd(const Optimizer& o, Weights& run, const float* gradient, std::int64_t step,
                float learning_rate) {
    float* __restrict w = run.weights;
    float* __restrict v = run.first;
    const float decay = o.weight_decay, momentum = step == 0 ? 0.0f : o.momentum;
    if (o.momentum == 0.0f) {
        for (std::size_t i = 0; i < run.count; ++i)
            w[i] -= learning_rate * (gradient[i] + decay * w[i]);
    } else if (o.nesterov) {
        for (std::size_t i = 0; i < run.count; ++i) {
            const float g = gradient[i] + decay * w[i];
            v[i] = momentum * v[i] + g;
            w[i] -= learning_rate * (g + o.momentum * v[i]);
        }
    } else {
        for (std::size_t i = 0; i < run.count; ++i) {
            v[i] = momentum * v[i] + (gradient[i] + decay * w[i]);
            w[i] -= learning_rate * v[i];
        }
    }
}

// torch.optim.AdamW (Loshchilov and Hutter 2019, algorithm 2).
inline void adamw(const Optimizer& o, Weights& run, const float* gradient, std::int64_t step,
                  float learning_rate) {
    float* __restrict w = run.weights;
    float* __restrict m = run.first;
    float* __restrict v = run.second;
    const double t = static_cast<double>(step + 1);
    const float size = static_cast<float>(learning_rate / (1.0 - std::pow(o.beta1, t)));
    const float correction = static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(o.beta2, t)));
    const float keep = 1.0f - learning_rate * o.weight_decay;
    const float b1 = static_cast<float>(o.beta1), b2 = static_cast<float>(o.beta2);
    const float c1 = static_cast<float>(1.0 - o.beta1), c2 = static_cast<float>(1.0 - o.beta2);
    const float epsilon = static_cast<float>(o.epsilon);
    for (std::size_t i = 0; i < run.count; ++i) {
        const float g = gradient[i];
        m[i] = b1 * m[i] + c1 * g;
        v[i] = b2 * v[i] + c2 * (g * g);
        w[i] = keep * w[i] - size * m[i] / (std::sqrt(v[i]) * correction + epsilon);
    }
}

inline void update(const Optimizer& o, Weights& run, const float* gradient, std::int64_t step,
                   float learning_rate, float average_decay) {
    if (o.adamw)
        adamw(o, run, gradient, step, learning_rate);
    else
        sgd(o, run, gradient, step, learning_rate);
    if (run.average != nullptr) {
        const float* __restrict w = run.weights;
        float* __restrict a = run.average;
        for (std::size_t i = 0; i < run.count; ++i) a[i] = w[i] + average_decay * (a[i] - w[i]);
    }
}

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
