// What Python passes to a trainer: arrays in groups, and their checks. Type and contiguity are checked
// where a group is made; shape, range and what must be finite where it is used, because the trainer
// trusts what it is given.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "trainer.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

namespace nb = nanobind;

template <class T, int Dimensions>
using Array = nb::ndarray<T, nb::ndim<Dimensions>, nb::c_contig, nb::device::cpu>;
using Bytes = Array<const std::uint8_t, 2>;
using Images = Array<const std::uint8_t, 4>;
using Indices = Array<const std::int64_t, 1>;
using Floats = Array<const float, 1>;
using Table = Array<const float, 2>;
using Output = Array<float, 1>;

inline void require(bool right, const char* message) {
    if (!right) throw nb::value_error(message);
}

template <class A>
auto data_of(const std::optional<A>& array) {
    return array ? array->data() : nullptr;
}

// Of `count` numbers: none below 0, and a sum of 1 but for rounding.
inline bool is_distribution(const float* row, std::size_t count) {
    double sum = 0.0;
    bool positive = true;
    for (std::size_t k = 0; k < count; ++k) {
        positive = positive && row[k] >= 0.0f;
        sum += row[k];
    }
    return positive && std::abs(sum - 1.0) < 1e-4;
}

struct BatchArguments {
    Images images;
    Indices order;
    std::optional<Indices> labels;
    std::optional<Table> targets;
    std::optional<Floats> weights;
    std::optional<Table> warps;
    std::optional<Bytes> masks;

    // For images of this shape. With `learning`, what a loss needs must be there, and right.
    Batches checked(const Shape& image, int classes, std::ptrdiff_t mask, bool learning) const {
        require(images.shape(1) == static_cast<std::size_t>(image.height) &&
                    images.shape(2) == static_cast<std::size_t>(image.width) &&
                    images.shape(3) == static_cast<std::size_t>(image.channels),
                "images of another shape");
        const std::size_t stored = images.shape(0), places = order.shape(0);
        for (std::size_t i = 0; i < places; ++i)
            require(order(i) >= 0 && order(i) < static_cast<std::int64_t>(stored),
                    "an index beyond the images");
        require(!warps || (warps->shape(0) == places && warps->shape(1) == 6),
                "one warp of six numbers for every place in the order");
        require(!masks || (masks->shape(0) == places &&
                           masks->shape(1) == static_cast<std::size_t>(mask) && mask > 0),
                "one dropout mask for every place in the order, and none without dropout");
        if (learning) check_targets(stored, classes);
        return {images.data(),
                order.data(),
                static_cast<std::int64_t>(places),
                data_of(labels),
                data_of(targets),
                data_of(weights),
                warps ? reinterpret_cast<const Warp*>(warps->data()) : nullptr,
                data_of(masks)};
    }

  private:
    void check_targets(std::size_t stored, int classes) const {
        require(labels || targets, "labels or targets are missing");
        require(!labels || labels->shape(0) == stored, "one label for every image");
        require(!targets || (targets->shape(0) == stored &&
                             targets->shape(1) == static_cast<std::size_t>(classes)),
                "one row of class probabilities for every image in targets");
        require(!weights || weights->shape(0) == stored, "one weight for every image");
        for (std::size_t i = 0; i < order.shape(0); ++i) {
            const std::int64_t at = order(i);
            require(!labels || ((*labels)(at) >= 0 && (*labels)(at) < classes),
                    "a label beyond the classes");
            require(!targets || is_distribution(targets->data() + at * classes, classes),
                    "a row of targets that is not a distribution: numbers of 0 or more that sum to 1");
            require(!weights || std::isfinite((*weights)(at)), "an image weight that is not finite");
        }
    }
};

struct StateArguments {
    Output weights;
    std::optional<Output> first_moment, second_moment, average;

    State checked(std::size_t count, std::size_t buffers, const Optimizer& optimizer) const {
        const bool sgd = optimizer.rule == Rule::sgd;
        require(sgd || (first_moment && second_moment), "Adam needs two moments");
        require(!sgd || optimizer.momentum == 0.0f || first_moment, "momentum needs the first moment");
        require(weights.shape(0) == count + buffers, "weights of another network");
        require(!average || average->shape(0) == count + buffers, "an average of another network");
        for (const auto& moment : {first_moment, second_moment})
            require(!moment || moment->shape(0) == count, "one number in a moment for every weight");
        return {count,
                buffers,
                weights.data(),
                data_of(first_moment),
                data_of(second_moment),
                data_of(average)};
    }
};

struct StepArguments {
    int batch_size;
    Floats learning_rates;
    std::optional<Floats> average_decays;
    std::int64_t first;
    double loss;

    Steps checked(std::size_t places, int capacity, bool average) const {
        require(batch_size > 0 && batch_size <= capacity, "a batch over the capacity");
        require(first >= 0, "a step before the first");
        const std::size_t steps = (places + batch_size - 1) / batch_size;
        require(learning_rates.shape(0) == steps, "one learning rate for every step");
        require(average == average_decays.has_value(), "an average needs decays, and nothing else does");
        require(!average_decays || average_decays->shape(0) == steps, "one average decay for every step");
        return {batch_size, first, learning_rates.data(), data_of(average_decays), loss};
    }
};

// An objective whose parts fit each other.
inline Objective make_objective(const std::string& loss, const std::map<std::string, double>& parameters,
                                float label_smoothing, const std::optional<Table>& transition) {
    Objective objective{make_loss(loss, {parameters.begin(), parameters.end()}), label_smoothing, {}};
    require(label_smoothing >= 0.0f && label_smoothing <= 1.0f, "label_smoothing must be from 0 to 1");
    if (!transition) return objective;
    constexpr int L = 4;  // whichever
    const bool fits = std::visit(
        []<class Formula>(const Formula&) { return OfProbabilities<Formula, L>; }, objective.loss);
    require(fits, "a transition matrix needs a loss of class probabilities, and this is none");
    const std::size_t classes = transition->shape(0);
    require(transition->shape(1) == classes, "a transition matrix has a row and a column for every class");
    for (std::size_t k = 0; k < classes; ++k)
        require(is_distribution(transition->data() + k * classes, classes),
                "a row of the transition matrix that is not a distribution: numbers of 0 or more that "
                "sum to 1");
    objective.transition.assign(transition->data(), transition->data() + classes * classes);
    return objective;
}

// For these batches of a network with so many classes.
inline void check(const Objective& objective, const Batches& batches, int classes) {
    require(objective.transition.empty() ||
                objective.transition.size() == static_cast<std::size_t>(classes) * classes,
            "a transition matrix of another number of classes");
    require(!batches.targets || objective.smoothing == 0.0f,
            "label_smoothing is for labels, not for targets");
}

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
