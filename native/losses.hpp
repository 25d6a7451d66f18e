// All losses, as functions of an image's logits and its target row t, which sums to 1. To add a loss,
// write a struct in losses/, whose constructor reads its parameters, and append it to `Loss` below.
//
// A loss of class probabilities has `value(p, t)`, the term of one class, and `slope(p, t)`, the
// derivative of that term by p; the loss is the sum of the terms. p is the softmax of the logits, or
// pᵀT with a transition matrix T. Both functions must be finite at p = 0.
//
// A loss with `of_logits` is computed from the logits directly when there is no transition matrix:
// `of_logits` returns the loss of every lane, and writes the derivative by the logits times `scale`.
// Without `value` and `slope`, a loss cannot be combined with a transition matrix.
#pragma once

#include <stdexcept>
#include <string>
#include <type_traits>
#include <variant>

#include "losses/formulas.hpp"
#include "losses/of_logits.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// The list of all losses.
using Loss = std::variant<CrossEntropy, Brier, MeanAbsoluteError, BinaryCrossEntropy,
                          GeneralizedCrossEntropy, SymmetricCrossEntropy, SoftBootstrapping,
                          HardBootstrapping, ActivePassive<ReverseCrossEntropy>,
                          ActivePassive<NegativeCrossEntropy>, ActivePassive<AsymmetricSquaredError>>;

template <class Formula, int L>
concept OfLogits = requires(const Formula& f, const LossRows<L>& rows) { f.of_logits(rows); };
template <class Formula, int L>
concept OfProbabilities = requires(const Formula& f, Vec<L> p) {
    f.template value<L>(p, p);
    f.template slope<L>(p, p);
};

// The loss of this name.
template <int Index = 0>
Loss make_loss(const std::string& name, const Settings::Values& parameters, std::string known = "") {
    if constexpr (Index == std::variant_size_v<Loss>) {
        throw std::invalid_argument("unknown loss \"" + name + "\"; expected one of:" + known);
    } else {
        using Formula = std::variant_alternative_t<Index, Loss>;
        if (name != Formula::name)
            return make_loss<Index + 1>(name, parameters, known + " " + Formula::name);
        Settings settings(name, parameters);
        const Loss loss{std::in_place_index<Index>, settings};
        settings.done();
        return loss;
    }
}

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
