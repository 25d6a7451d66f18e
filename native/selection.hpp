// Which images of a batch its networks learn from, where labels may be wrong.
#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "losses/rows.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// Whose losses choose the images for a network: its own, those of the other network, or a joint loss.
enum class Judge { own, peer, joint };

inline Judge judge_of(const std::string& name) {
    if (name == "own") return Judge::own;
    if (name == "peer") return Judge::peer;
    if (name == "joint") return Judge::joint;
    throw std::invalid_argument("unknown judge \"" + name + "\", expected own, peer or joint");
}

struct Selection {
    Judge judge = Judge::own;
    double keep = 1.0;       // the fraction of the images
    bool disputed = false;   // of those for which the networks predict different classes
    float agreement = 0.0f;  // the weight of both divergences in a joint loss
};

// Of the images at the places `among`, the fraction `keep` (at least one) with the smallest losses, in
// their order; of equal losses, the first.
inline std::vector<int> smallest(std::vector<int> among, const std::vector<float>& losses, double keep) {
    const int count = std::max(1, static_cast<int>(keep * static_cast<double>(among.size()) + 1e-6));
    const auto last = among.begin() + count;
    std::nth_element(among.begin(), last - 1, among.end(), [&](int a, int b) {
        return losses[a] < losses[b] || (losses[a] == losses[b] && a < b);
    });
    among.erase(last, among.end());
    std::sort(among.begin(), among.end());
    return among;
}

// With p and q the softmax of the logits of two networks: (1 - a) (CE(p) + CE(q)) + a (KL(p|q) + KL(q|p))
// (JoCoR, Wei et al. 2020, section 3.2). Writes the derivatives by the logits of each; rows are laid out
// as [class][lane].
template <int L>
Vec<L> joint_loss(int classes, float agreement, const float* targets, const float* const (&logits)[2],
                  float* const (&gradients)[2]) {
    using S = Simd<L>;
    Vec<L> shift[2], inverse[2], divergence[2] = {};
    for (int n = 0; n < 2; ++n) {
        Vec<L> largest = S::load(logits[n]);
        for (int k = 1; k < classes; ++k) largest = S::max(largest, S::load(logits[n] + k * L));
        const Vec<L> sum = exponentials(LossRows<L>{logits[n], targets, gradients[n], classes, largest, {}});
        shift[n] = largest + S::log(sum);
        inverse[n] = 1.0f / sum;
    }
    const auto log_p = [&](int n, int k) { return S::load(logits[n] + k * L) - shift[n]; };
    Vec<L> likelihood{};
    for (int k = 0; k < classes; ++k) {
        const Vec<L> ratio = log_p(0, k) - log_p(1, k);
        const Vec<L> p = S::load(gradients[0] + k * L) * inverse[0];
        const Vec<L> q = S::load(gradients[1] + k * L) * inverse[1];
        S::store(gradients[0] + k * L, p);
        S::store(gradients[1] + k * L, q);
        divergence[0] = fma(p, ratio, divergence[0]);
        divergence[1] = fma(-q, ratio, divergence[1]);
        likelihood = fma(S::load(targets + k * L), log_p(0, k) + log_p(1, k), likelihood);
    }
    for (int k = 0; k < classes; ++k) {
        const Vec<L> ratio = log_p(0, k) - log_p(1, k), t = S::load(targets + k * L);
        const Vec<L> p = S::load(gradients[0] + k * L), q = S::load(gradients[1] + k * L);
        const Vec<L> of_p = fma(p, ratio - divergence[0], p - q);
        const Vec<L> of_q = fma(q, -ratio - divergence[1], q - p);
        S::store(gradients[0] + k * L, fma(of_p, agreement, (p - t) * (1.0f - agreement)));
        S::store(gradients[1] + k * L, fma(of_q, agreement, (q - t) * (1.0f - agreement)));
    }
    return fma(divergence[0] + divergence[1], agreement, -likelihood * (1.0f - agreement));
}

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
