// The extension modules seedbed._native_<instructions>: one source, built once per instruction set.
//
// arguments.hpp checks what Python passes. The GIL is released while a trainer works; a trainer must be
// used by one thread at a time.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include "arguments.hpp"

using namespace nanobind::literals;

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

template <int L>
class Bound {
  public:
    Bound(std::vector<int> shape, std::vector<float> scale, std::vector<float> offset)
        : image_{shape.at(2), shape.at(0), shape.at(1)}, trainer_(image_, scale, offset) {
        require(scale.size() == static_cast<std::size_t>(image_.channels),
                "scale: expected one number a channel");
        require(offset.size() == scale.size(), "offset: expected one number a channel");
    }

    void add(const std::string& kind, const nb::kwargs& settings) {
        Settings::Values values;
        if (!nb::try_cast(settings, values))
            throw std::invalid_argument(kind +
                                        ": settings must be booleans, numbers or lists of numbers");
        trainer_.add(kind, std::move(values));
    }

    void finish(int images, int threads, bool selects) { trainer_.finish(images, threads, selects); }
    void finish_beside(const Bound& other) {
        require(other.trainer_.selects(), "other: finish was not called for selecting");
        trainer_.finish_beside(other.trainer_);
    }

    Score train(const BatchArguments& batches, const Objective& objective, const Optimizer& optimizer,
                const StateArguments& state, const StepArguments& steps, std::optional<Output> losses) {
        const Batches b = learning(batches, objective, losses, true);
        const State run = state.checked(trainer_.weights(), trainer_.buffers(), optimizer);
        const Steps s = steps.checked(batches.order.shape(0), trainer_.capacity(), run.average != nullptr);
        nb::gil_scoped_release release;
        return trainer_.train(b, objective, optimizer, run, s);
    }

    Score select(const BatchArguments& batches, const Objective& objective, const Optimizer& optimizer,
                 const std::vector<StateArguments>& states, const StepArguments& steps,
                 const Selection& selection, Bound* peer) {
        std::optional<Output> losses;
        const Batches b = learning(batches, objective, losses, true);
        require(trainer_.selects(), "finish was not called for selecting");
        require(peer || (selection.judge == Judge::own && !selection.disputed),
                "peer: missing, and the selection needs one");
        require(!peer || (peer != this && peer->trainer_.is_beside(trainer_)),
                "peer: expected a trainer that was finished beside this one");
        require(states.size() == (peer ? 2u : 1u), "states: expected one for every network");
        require(!b.running, "running: not supported in selecting");
        require(!b.mixing.partners, "partners: not supported in selecting");
        std::vector<State> checked;
        for (const auto& state : states)
            checked.push_back(state.checked(trainer_.weights(), trainer_.buffers(), optimizer));
        for (const State& state : checked)
            require((state.average != nullptr) == (checked[0].average != nullptr),
                    "average: expected for all networks, or none");
        const Steps s =
            steps.checked(batches.order.shape(0), trainer_.capacity(), checked[0].average != nullptr);
        nb::gil_scoped_release release;
        return trainer_.select(b, objective, optimizer, checked, s, selection,
                               peer ? &peer->trainer_ : nullptr);
    }

    Score gradient(const BatchArguments& batches, const Objective& objective, Floats weights, Output out,
                   std::optional<Output> losses) {
        const Batches b = learning(batches, objective, losses, true);
        require(b.count > 0 && b.count <= trainer_.capacity(),
                "order: expected at least 1 index and at most what finish was called for");
        check_weights(weights);
        require(out.shape(0) == trainer_.weights(), "out: expected weight_count numbers");
        nb::gil_scoped_release release;
        const Score score =
            trainer_.gradient_of(b, static_cast<int>(b.count), weights.data(), objective);
        std::memcpy(out.data(), trainer_.gradient(), trainer_.weights() * sizeof(float));
        return score;
    }

    Score score(const BatchArguments& batches, const Objective& objective, Floats weights,
                std::optional<Output> losses) {
        require(!batches.running, "running: only training updates it");
        const Batches b = learning(batches, objective, losses, false);
        check_weights(weights);
        nb::gil_scoped_release release;
        return trainer_.score_of(b, objective, weights.data());
    }

    void logits(const BatchArguments& batches, Floats weights, Array<float, 2> out) {
        const Batches b = checked(batches, false);
        check_weights(weights);
        require(out.shape(0) == batches.order.shape(0) &&
                    out.shape(1) == static_cast<std::size_t>(trainer_.classes()),
                "out: expected one row for every index in order, and one column a class");
        nb::gil_scoped_release release;
        trainer_.logits(b, weights.data(), out.data());
    }

    const SelectingTrainer<L>& trainer() const { return trainer_; }

  private:
    Batches checked(const BatchArguments& batches, bool learning) const {
        require(trainer_.ready(), "finish was not called yet");
        return batches.checked(image_, trainer_.classes(), trainer_.mask(), learning);
    }

    // Batches for a call that computes losses.
    Batches learning(const BatchArguments& batches, const Objective& objective,
                     std::optional<Output>& losses, bool training) const {
        Batches b = checked(batches, true);
        check(objective, b, trainer_.classes());
        require(!training || b.masks || trainer_.mask() == 0,
                "masks: missing, and the network has dropout");
        require(!losses || losses->shape(0) == batches.order.shape(0),
                "losses: expected one for every index in order");
        b.losses = data_of(losses);
        return b;
    }

    void check_weights(const Floats& weights) const {
        require(weights.shape(0) == trainer_.weights() + trainer_.buffers(),
                "weights: expected weight_count + buffer_count numbers");
    }

    const Shape image_;
    SelectingTrainer<L> trainer_;
};

// noconvert: results written to a converted copy of an array would be lost.
template <int L>
void bind_trainer(nb::module_& m, const char* name) {
    using T = Bound<L>;
    nb::class_<T>(m, name)
        .def(nb::init<std::vector<int>, std::vector<float>, std::vector<float>>(), "image_shape"_a,
             "scale"_a, "offset"_a)
        .def("add", &T::add, "kind"_a, "settings"_a)
        .def("finish", &T::finish, "images"_a, "threads"_a = 1, "selects"_a = false)
        .def("finish_beside", &T::finish_beside, "other"_a)
        .def_prop_ro("weight_count", [](const T& t) { return t.trainer().weights(); })
        .def_prop_ro("buffer_count", [](const T& t) { return t.trainer().buffers(); })
        .def_prop_ro("mask_size", [](const T& t) { return t.trainer().mask(); })
        .def("train", &T::train, "batches"_a, "objective"_a, "optimizer"_a, "state"_a, "steps"_a,
             "losses"_a.noconvert() = nb::none())
        .def("select", &T::select, "batches"_a, "objective"_a, "optimizer"_a, "states"_a, "steps"_a,
             "selection"_a, "peer"_a = nb::none())
        .def("gradient", &T::gradient, "batches"_a, "objective"_a, "weights"_a.noconvert(),
             "out"_a.noconvert(), "losses"_a.noconvert() = nb::none())
        .def("score", &T::score, "batches"_a, "objective"_a, "weights"_a.noconvert(),
             "losses"_a.noconvert() = nb::none())
        .def("logits", &T::logits, "batches"_a, "weights"_a.noconvert(), "out"_a.noconvert());
}

void bind_arguments(nb::module_& m) {
    using Arrays = BatchArguments;
    nb::class_<Arrays>(m, "Batches")
        .def(nb::init<Images, Indices, std::optional<Indices>, std::optional<Table>,
                      std::optional<Floats>, std::optional<Table>, std::optional<Bytes>,
                      std::optional<Rows>, std::optional<Indices>, std::optional<Floats>,
                      std::optional<Array<const std::int32_t, 2>>, std::optional<Images>,
                      std::optional<Table>, std::optional<Table>>(),
             nb::kw_only(), "images"_a.noconvert(), "order"_a.noconvert(),
             "labels"_a.noconvert() = nb::none(), "targets"_a.noconvert() = nb::none(),
             "image_weights"_a.noconvert() = nb::none(), "warps"_a.noconvert() = nb::none(),
             "masks"_a.noconvert() = nb::none(), "running"_a.noconvert() = nb::none(),
             "partners"_a.noconvert() = nb::none(), "shares"_a.noconvert() = nb::none(),
             "erased"_a.noconvert() = nb::none(), "fields"_a.noconvert() = nb::none(),
             "smooth_columns"_a.noconvert() = nb::none(), "smooth_rows"_a.noconvert() = nb::none());
    nb::class_<Objective>(m, "Objective")
        .def(nb::new_(&make_objective), "loss"_a, nb::kw_only(),
             "parameters"_a = std::map<std::string, double>(), "label_smoothing"_a = 0.0f,
             "transition"_a.noconvert() = nb::none(), "label_targets"_a.noconvert() = nb::none(),
             "early_weight"_a = 0.0f, "early_decay"_a = 0.0f);
    nb::class_<Optimizer>(m, "Optimizer")
        .def(nb::new_([](const std::string& rule, float momentum, bool nesterov, float weight_decay,
                         std::pair<double, double> betas, double eps, float l1, float l2, float clip) {
                 return Optimizer{rule_of(rule), momentum, nesterov, weight_decay, betas.first,
                                  betas.second,  eps,      l1,       l2,           clip};
             }),
             "rule"_a, nb::kw_only(), "momentum"_a = 0.0f, "nesterov"_a = false,
             "weight_decay"_a = 0.0f, "betas"_a = std::pair(0.9, 0.999), "eps"_a = 1e-8, "l1"_a = 0.0f,
             "l2"_a = 0.0f, "clip"_a = 0.0f);
    nb::class_<StateArguments>(m, "State")
        .def(nb::init<Output, std::optional<Output>, std::optional<Output>, std::optional<Output>>(),
             "weights"_a.noconvert(), nb::kw_only(), "first_moment"_a.noconvert() = nb::none(),
             "second_moment"_a.noconvert() = nb::none(), "average"_a.noconvert() = nb::none());
    nb::class_<StepArguments>(m, "Steps")
        .def(nb::init<int, Floats, std::optional<Floats>, std::int64_t, double>(), nb::kw_only(),
             "batch_size"_a, "learning_rates"_a.noconvert(),
             "average_decays"_a.noconvert() = nb::none(), "first"_a = 0, "loss"_a = 0.0);
    nb::class_<Selection>(m, "Selection")
        .def(nb::new_(&make_selection), "judge"_a, nb::kw_only(), "keep"_a, "disputed"_a = false,
             "agreement"_a = 0.0f);
    nb::class_<Score>(m, "Score").def_ro("loss", &Score::loss).def_ro("correct", &Score::correct);
}

// The instruction sets that this processor can run, fastest first.
std::vector<std::string> supported_instructions() {
#if defined(__aarch64__)
    return {"neon"};
#endif
    std::vector<std::string> supported{"portable"};
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                      __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512vl");
    if (avx2) supported.insert(supported.begin(), "avx2");
    if (avx512) supported.insert(supported.begin(), "avx512");
#endif
    return supported;
}

template <int... Lanes>
void bind_all(nb::module_& m) {
    bind_arguments(m);
    m.def("supported_instructions", &supported_instructions);
    m.attr("CANONICAL") = kCanonical;
    // Trainers by their number of lanes.
    nb::dict trainers;
    const auto bind = [&]<int L>() {
        const std::string name = "Trainer" + std::to_string(L);
        bind_trainer<L>(m, name.c_str());
        trainers[nb::int_(L)] = m.attr(name.c_str());
    };
    (bind.template operator()<Lanes>(), ...);
    m.attr("TRAINERS") = trainers;
}

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed

NB_MODULE(SEEDBED_MODULE, m) {
    seedbed::bind_all<16, 8>(m);
}
