// The arguments of native calls, as groups of arrays, and their checks. nanobind checks type and
// contiguity when a group is constructed; `checked` checks shapes, index ranges and values against the
// trainer that is called, which trusts its arguments.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "selecting_trainer.hpp"

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
using Rows = Array<float, 2>;

inline void require(bool right, const char* message) {
    if (!right) throw nb::value_error(message);
}

template <class A>
auto data_of(const std::optional<A>& array) {
    return array ? array->data() : nullptr;
}

// Whether `count` numbers are not negative and sum to 1, within rounding.
inline bool is_distribution(const float* row, std::size_t count) {
    double sum = 0.0;
    bool positive = true;
    for (std::size_t k = 0; k < count; ++k) {
        positive = positive && row[k] >= 0.0f;
        sum += row[k];
    }
    return positive && std::abs(sum - 1.0) < 1e-4;
}

// Whether `count` numbers sum to 1, within rounding. They may be negative.
inline bool sums_to_one(const float* row, std::size_t count) {
    double sum = 0.0, size = 1.0;
    for (std::size_t k = 0; k < count; ++k) {
        sum += row[k];
        size = std::max(size, std::abs(static_cast<double>(row[k])));
    }
    return std::abs(sum - 1.0) < 1e-4 * size;
}

struct BatchArguments {
    Images images;
    Indices order;
    std::optional<Indices> labels;
    std::optional<Table> targets;
    std::optional<Floats> weights;
    std::optional<Table> warps;
    std::optional<Bytes> masks;
    std::optional<Rows> running;
    std::optional<Indices> partners;
    std::optional<Floats> shares;
    std::optional<Array<const std::int32_t, 2>> erased;
    std::optional<Images> fields;
    std::optional<Table> smooth_columns, smooth_rows;

    // `image`, `classes`, `mask`: of the network. `learning`: whether a loss will be computed.
    Batches checked(const Shape& image, int classes, std::ptrdiff_t mask, bool learning) const {
        require(images.shape(1) == static_cast<std::size_t>(image.height) &&
                    images.shape(2) == static_cast<std::size_t>(image.width) &&
                    images.shape(3) == static_cast<std::size_t>(image.channels),
                "images: expected the height, width and channels of the trainer");
        const std::size_t stored = images.shape(0), places = order.shape(0);
        for (std::size_t i = 0; i < places; ++i)
            require(order(i) >= 0 && order(i) < static_cast<std::int64_t>(stored),
                    "order: an index is out of range");
        require(!warps || (warps->shape(0) == places && warps->shape(1) == 6),
                "warps: expected six numbers for every index in order");
        require(!masks || (masks->shape(0) == places &&
                           masks->shape(1) == static_cast<std::size_t>(mask) && mask > 0),
                "masks: expected mask_size bytes for every index in order, and None without dropout");
        require(!erased || (erased->shape(0) == places && erased->shape(1) == 4),
                "erased: expected four numbers for every index in order");
        const auto within = [](std::int32_t start, std::int32_t length, int size) {
            return start >= 0 && length >= 0 && start <= size && length <= size - start;
        };
        for (std::size_t i = 0; erased && i < places; ++i)
            require(within((*erased)(i, 0), (*erased)(i, 2), image.height) &&
                        within((*erased)(i, 1), (*erased)(i, 3), image.width),
                    "erased: a rectangle is not within the image");
        require(partners.has_value() == shares.has_value(), "partners and shares: expected both or none");
        require(!partners || (partners->shape(0) == places && shares->shape(0) == places),
                "partners and shares: expected one for every index in order");
        require(!partners || !learning || (labels && !targets && !running),
                "partners: expected labels, and neither targets nor running");
        for (std::size_t i = 0; partners && i < places; ++i) {
            require((*partners)(i) >= 0 && (*partners)(i) < static_cast<std::int64_t>(places),
                    "partners: a place is out of range");
            require((*shares)(i) >= 0.0f && (*shares)(i) <= 1.0f, "shares: expected 0 to 1");
        }
        check_distortion(image, places);
        if (learning) check_targets(stored, classes);
        return {images.data(),
                order.data(),
                static_cast<std::int64_t>(places),
                data_of(labels),
                data_of(targets),
                data_of(weights),
                data_of(running),
                warps ? reinterpret_cast<const Warp*>(warps->data()) : nullptr,
                {data_of(fields), 2 * std::ptrdiff_t{image.height} * image.width, data_of(smooth_columns),
                 data_of(smooth_rows)},
                erased ? reinterpret_cast<const Rectangle*>(erased->data()) : nullptr,
                {data_of(partners), data_of(shares)},
                data_of(masks)};
    }

  private:
    void check_distortion(const Shape& image, std::size_t places) const {
        const auto height = static_cast<std::size_t>(image.height);
        const auto width = static_cast<std::size_t>(image.width);
        require(fields.has_value() == smooth_columns.has_value() &&
                    fields.has_value() == smooth_rows.has_value() && (!fields || warps),
                "fields, smooth_columns and smooth_rows: expected all of them, with warps, or none");
        if (!fields) return;
        require(fields->shape(0) == places && fields->shape(1) == 2 && fields->shape(2) == height &&
                    fields->shape(3) == width,
                "fields: expected two of an image's height and width for every index in order");
        require(smooth_columns->shape(0) == height && smooth_columns->shape(1) == height,
                "smooth_columns: expected a square matrix of the images' height");
        require(smooth_rows->shape(0) == width && smooth_rows->shape(1) == width,
                "smooth_rows: expected a square matrix of the images' width");
    }

    void check_targets(std::size_t stored, int classes) const {
        require(labels || targets, "labels and targets are missing: expected at least one of them");
        require(!labels || labels->shape(0) == stored, "labels: expected one for every image");
        require(!targets || (targets->shape(0) == stored &&
                             targets->shape(1) == static_cast<std::size_t>(classes)),
                "targets: expected a row of class probabilities for every image");
        require(!running || (running->shape(0) == stored &&
                             running->shape(1) == static_cast<std::size_t>(classes)),
                "running: expected a row of class probabilities for every image");
        require(!weights || weights->shape(0) == stored, "image_weights: expected one for every image");
        for (std::size_t i = 0; i < order.shape(0); ++i) {
            const std::int64_t at = order(i);
            require(!labels || ((*labels)(at) >= 0 && (*labels)(at) < classes),
                    "labels: a label is out of range");
            require(!targets || sums_to_one(targets->data() + at * classes, classes),
                    "targets: a row does not sum to 1");
            require(!weights || std::isfinite((*weights)(at)), "image_weights: a weight is not finite");
        }
    }
};

struct StateArguments {
    Output weights;
    std::optional<Output> first_moment, second_moment, average;

    State checked(std::size_t count, std::size_t buffers, const Optimizer& optimizer) const {
        const bool sgd = optimizer.rule == Rule::sgd;
        require(sgd || (first_moment && second_moment), "Adam needs first_moment and second_moment");
        require(!sgd || optimizer.momentum == 0.0f || first_moment, "momentum needs first_moment");
        require(weights.shape(0) == count + buffers,
                "weights: expected weight_count + buffer_count numbers");
        require(!average || average->shape(0) == count + buffers,
                "average: expected weight_count + buffer_count numbers");
        for (const auto& moment : {first_moment, second_moment})
            require(!moment || moment->shape(0) == count, "moments: expected weight_count numbers");
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
        require(batch_size > 0 && batch_size <= capacity,
                "batch_size: expected at least 1 and at most what finish was called for");
        require(first >= 0, "first: expected 0 or more");
        const std::size_t steps = (places + batch_size - 1) / batch_size;
        require(learning_rates.shape(0) == steps, "learning_rates: expected one for every step");
        require(average == average_decays.has_value(),
                "average_decays: expected with an average, and only then");
        require(!average_decays || average_decays->shape(0) == steps,
                "average_decays: expected one for every step");
        return {batch_size, first, learning_rates.data(), data_of(average_decays), loss};
    }
};

// Makes an objective, and checks that its parts fit each other.
inline Objective make_objective(const std::string& loss, const std::map<std::string, double>& parameters,
                                float label_smoothing, const std::optional<Table>& transition,
                                const std::optional<Table>& label_targets, float early_weight,
                                float early_decay) {
    Objective objective{make_loss(loss, {parameters.begin(), parameters.end()}), label_smoothing};
    objective.early_weight = early_weight;
    objective.early_decay = early_decay;
    require(early_decay >= 0.0f && early_decay <= 1.0f, "early_decay: expected a number from 0 to 1");
    require(label_smoothing >= 0.0f && label_smoothing <= 1.0f,
            "label_smoothing: expected a number from 0 to 1");
    if (label_targets) {
        const std::size_t classes = label_targets->shape(0);
        require(label_targets->shape(1) == classes, "label_targets: expected a square matrix");
        for (std::size_t k = 0; k < classes; ++k)
            require(sums_to_one(label_targets->data() + k * classes, classes),
                    "label_targets: a row does not sum to 1");
        objective.label_targets.assign(label_targets->data(), label_targets->data() + classes * classes);
    }
    if (!transition) return objective;
    constexpr int L = 4;  // the answer is the same for any
    const bool fits = std::visit(
        []<class Formula>(const Formula&) { return OfProbabilities<Formula, L>; }, objective.loss);
    require(fits, "transition: the loss is not a function of class probabilities");
    const std::size_t classes = transition->shape(0);
    require(transition->shape(1) == classes, "transition: expected a square matrix");
    for (std::size_t k = 0; k < classes; ++k)
        require(is_distribution(transition->data() + k * classes, classes),
                "transition: a row has negative numbers or does not sum to 1");
    objective.transition.assign(transition->data(), transition->data() + classes * classes);
    return objective;
}

// Makes a selection, and checks its numbers.
inline Selection make_selection(const std::string& judge, double keep, bool disputed, float agreement) {
    require(keep > 0.0 && keep <= 1.0, "keep: expected a number above 0 and at most 1");
    require(agreement >= 0.0f && agreement <= 1.0f, "agreement: expected a number from 0 to 1");
    return {judge_of(judge), keep, disputed, agreement};
}

// Checks an objective against the batches and the number of classes.
inline void check(const Objective& objective, const Batches& batches, int classes) {
    require(objective.transition.empty() ||
                objective.transition.size() == static_cast<std::size_t>(classes) * classes,
            "transition: expected a row and a column for every class");
    require(objective.label_targets.empty() ||
                objective.label_targets.size() == static_cast<std::size_t>(classes) * classes,
            "label_targets: expected a row and a column for every class");
    require((!batches.targets && objective.label_targets.empty()) || objective.smoothing == 0.0f,
            "label_smoothing: not supported with targets");
    require(!batches.targets || objective.label_targets.empty(),
            "label_targets: not supported with targets");
}

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
