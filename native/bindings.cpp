// The extension modules seedbed._lanes_<instructions>: one source, built once an instruction set.
//
// Arrays are checked here (type, shape, contiguity, indices); the trainer trusts them, and checks
// its layers when they are added. The GIL is released while it works, and it is used by one thread
// at a time.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <initializer_list>

#include "trainer.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

template <class T, int Dimensions>
using Array = nb::ndarray<T, nb::ndim<Dimensions>, nb::c_contig, nb::device::cpu>;
using Images = Array<const std::uint8_t, 4>;
using Indices = Array<const std::int64_t, 1>;
using Floats = Array<const float, 1>;
using State = Array<float, 1>;
using Masks = Array<const std::uint8_t, 2>;

void require(bool right, const char* message) {
    if (!right) throw nb::value_error(message);
}

template <int L>
struct Bound {
    Trainer<L> trainer;
    Shape image;
    bool finished = false;

    Bound(std::vector<int> shape, std::vector<float> scale, std::vector<float> offset)
        : trainer({shape.at(2), shape.at(0), shape.at(1)}, scale, offset),
          image{shape.at(2), shape.at(0), shape.at(1)} {
        require(scale.size() == static_cast<std::size_t>(image.channels), "one scale a channel");
        require(offset.size() == scale.size(), "one offset a channel");
    }

    // The trainer, to add a layer whose settings are `positive` to.
    Trainer<L>& add(std::initializer_list<int> positive = {}) {
        require(!finished, "no layers after finish");
        for (const int setting : positive) require(setting > 0, "a setting below 1");
        return trainer;
    }

    void convolution(int channels, int kernel, int stride, std::vector<int> padding, bool bias) {
        require(padding.size() == 4, "padding: top, left, bottom, right");
        for (const int side : padding) require(side >= 0, "a padding below 0");
        add({channels, kernel, stride})
            .convolution(channels, kernel, stride, {padding[0], padding[1], padding[2], padding[3]},
                         bias);
    }

    void dropout(float rate) {
        require(rate > 0.0f && rate < 1.0f, "a rate outside of 0 to 1");
        add().dropout(rate);
    }

    void join(float rate) {
        require(rate >= 0.0f && rate < 1.0f, "a rate outside of 0 to 1");
        add().join(rate);
    }

    void finish(int images) {
        require(!finished, "finish was called before");
        require(images > 0, "no images");
        trainer.finish(images);
        finished = true;
    }

    Batches batches(const Images& images, const std::optional<Indices>& labels, const Indices& order,
                    const std::optional<Array<const float, 2>>& warps) const {
        require(finished, "call finish first");
        require(images.shape(1) == static_cast<std::size_t>(image.height) &&
                    images.shape(2) == static_cast<std::size_t>(image.width) &&
                    images.shape(3) == static_cast<std::size_t>(image.channels),
                "images of another shape");
        const std::int64_t stored = static_cast<std::int64_t>(images.shape(0));
        for (std::size_t i = 0; i < order.shape(0); ++i)
            require(order(i) >= 0 && order(i) < stored, "an index beyond the images");
        if (labels) {
            require(labels->shape(0) == images.shape(0), "one label an image");
            for (std::size_t i = 0; i < order.shape(0); ++i) {
                const std::int64_t label = (*labels)(order(i));
                require(label >= 0 && label < trainer.classes(), "a label beyond the classes");
            }
        }
        Batches b{images.data(), labels ? labels->data() : nullptr, order.data(), nullptr,
                  static_cast<std::int64_t>(order.shape(0))};
        if (warps) {
            require(warps->shape(0) == order.shape(0) && warps->shape(1) == 6,
                    "one warp of six numbers for every place in the order");
            b.warps = reinterpret_cast<const Warp*>(warps->data());
        }
        return b;
    }

    const std::uint8_t* mask_data(const std::optional<Masks>& masks, const Indices& order) const {
        require(masks.has_value() == (trainer.mask() > 0), "dropout needs masks, and nothing else does");
        if (!masks) return nullptr;
        require(masks->shape(0) == order.shape(0) &&
                    masks->shape(1) == static_cast<std::size_t>(trainer.mask()),
                "one mask for every place in the order");
        return masks->data();
    }

    // Of weights and what stands behind them.
    void check(std::size_t count) const {
        require(count == trainer.weights() + trainer.state(), "weights of another network");
    }
    void check_trained(std::size_t count) const {
        require(count == trainer.weights(), "a number for every weight");
    }

    std::pair<double, std::int64_t> train(
        Images images, Indices labels, Indices order, std::optional<Array<const float, 2>> warps,
        int batch_size, const Optimizer& optimizer, State weights, std::optional<State> first,
        std::optional<State> second, std::optional<State> average, std::int64_t first_step,
        Floats learning_rates, std::optional<Floats> average_decays, float label_smoothing,
        double loss, Loss criterion, std::optional<Masks> masks) {
        Batches b = batches(images, labels, order, warps);
        b.masks = mask_data(masks, order);
        require(batch_size > 0 && batch_size <= trainer.capacity(), "a batch over the capacity");
        require(first_step >= 0, "a step before the first");
        const std::size_t steps =
            static_cast<std::size_t>((b.count + batch_size - 1) / batch_size);
        require(learning_rates.shape(0) == steps, "one learning rate a step");
        require(average.has_value() == average_decays.has_value(), "an average needs its decays");
        require(!average_decays || average_decays->shape(0) == steps, "one average decay a step");
        const bool sgd = optimizer.rule == Rule::sgd;
        require(sgd || (first && second), "Adam needs two moments");
        require(!sgd || optimizer.momentum == 0.0f || first, "momentum needs its buffer");
        check(weights.shape(0));
        if (average) check(average->shape(0));
        for (const auto& s : {first, second})
            if (s) check_trained(s->shape(0));
        const auto data = [](std::optional<State>& s) { return s ? s->data() : nullptr; };
        const Weights run{trainer.weights(), trainer.state(), weights.data(), data(first), data(second),
                          data(average)};
        nb::gil_scoped_release release;
        const Score score = trainer.train(b, batch_size, optimizer, run, first_step,
                                          learning_rates.data(),
                                          average_decays ? average_decays->data() : nullptr,
                                          {criterion, label_smoothing}, loss);
        return {score.loss, score.correct};
    }

    std::pair<double, std::int64_t> gradient(Images images, Indices labels, Indices order,
                                             std::optional<Array<const float, 2>> warps,
                                             Floats weights, float label_smoothing, State out,
                                             Loss criterion, std::optional<Masks> masks) {
        Batches b = batches(images, labels, order, warps);
        b.masks = mask_data(masks, order);
        require(b.count > 0 && b.count <= trainer.capacity(), "a batch over the capacity");
        check(weights.shape(0));
        check_trained(out.shape(0));
        nb::gil_scoped_release release;
        const Score score = trainer.gradient_of(b, 0, static_cast<int>(b.count), weights.data(),
                                                {criterion, label_smoothing});
        std::memcpy(out.data(), trainer.gradient(), trainer.weights() * sizeof(float));
        return {score.loss, score.correct};
    }

    void logits(Images images, Indices order, std::optional<Array<const float, 2>> warps,
                Floats weights, Array<float, 2> out) {
        const Batches b = batches(images, std::nullopt, order, warps);
        check(weights.shape(0));
        require(out.shape(0) == order.shape(0) &&
                    out.shape(1) == static_cast<std::size_t>(trainer.classes()),
                "logits of another shape");
        nb::gil_scoped_release release;
        trainer.logits(b, weights.data(), out.data());
    }
};

template <int L>
void bind(nb::module_& m, const char* name) {
    using T = Bound<L>;
    nb::class_<T>(m, name)
        .def(nb::init<std::vector<int>, std::vector<float>, std::vector<float>>(), "image_shape"_a,
             "scale"_a, "offset"_a)
        .def("convolution", &T::convolution, "channels"_a, "kernel"_a, "stride"_a, "padding"_a, "bias"_a = true)
        .def("batch_norm", [](T& t) { t.add().batch_norm(); })
        .def("linear", [](T& t, int features) { t.add({features}).linear(features); })
        .def("max_pool", [](T& t, int size, int stride) { t.add({size, stride}).max_pool(size, stride); })
        .def("average_pool",
             [](T& t, int size, int stride) { t.add({size, stride}).average_pool(size, stride); })
        .def("global_average_pool", [](T& t) { t.add().global_average_pool(); })
        .def("dropout", &T::dropout, "rate"_a)
        .def("tokens", [](T& t) { t.add().tokens(); })
        .def("class_token", [](T& t) { t.add().class_token(); })
        .def("positions", [](T& t, std::vector<float> table) { t.add().positions(std::move(table)); },
             "table"_a)
        .def("token_linear", [](T& t, int features) { t.add({features}).token_linear(features); })
        .def("attention",
             [](T& t, int heads, bool first_only) { t.add({heads}).attention(heads, first_only); },
             "heads"_a, "first_only"_a = false)
        .def("flatten", [](T& t) { t.add().flatten(); })
        .def("layer_norm", [](T& t) { t.add().layer_norm(); })
        .def("token_mean", [](T& t) { t.add().token_mean(); })
        .def("first_token", [](T& t) { t.add().first_token(); })
        .def("fork", [](T& t) { t.add().fork(); })
        .def("shortcut", [](T& t) { t.add().shortcut(); })
        .def("join", &T::join, "rate"_a = 0.0f)
        .def("gelu", [](T& t) { t.add().gelu(); })
        .def("relu", [](T& t) { t.add().relu(); })
        .def("leaky_relu", [](T& t, float slope) { t.add().leaky_relu(slope); })
        .def("elu", [](T& t, float alpha) { t.add().elu(alpha); })
        .def("sigmoid", [](T& t) { t.add().sigmoid(); })
        .def("tanh", [](T& t) { t.add().tanh(); })
        .def("finish", &T::finish, "images"_a)
        .def_prop_ro("mask", [](const T& t) { return t.trainer.mask(); })
        .def_prop_ro("weights", [](const T& t) { return t.trainer.weights(); })
        .def_prop_ro("state", [](const T& t) { return t.trainer.state(); })
        // Without conversion: results written to a converted copy would be lost.
        .def("train", &T::train, "images"_a.noconvert(), "labels"_a.noconvert(),
             "order"_a.noconvert(), "warps"_a.noconvert().none(), "batch_size"_a, "optimizer"_a,
             "weights"_a.noconvert(), "first"_a.noconvert().none(), "second"_a.noconvert().none(),
             "average"_a.noconvert().none(), "first_step"_a, "learning_rates"_a.noconvert(),
             "average_decays"_a.noconvert().none(), "label_smoothing"_a, "loss"_a = 0.0,
             "criterion"_a = Loss::cross_entropy, "masks"_a.noconvert().none() = nb::none())
        .def("gradient", &T::gradient, "images"_a.noconvert(), "labels"_a.noconvert(),
             "order"_a.noconvert(), "warps"_a.noconvert().none(), "weights"_a.noconvert(),
             "label_smoothing"_a, "out"_a.noconvert(),
             "criterion"_a = Loss::cross_entropy, "masks"_a.noconvert().none() = nb::none())
        .def("logits", &T::logits, "images"_a.noconvert(), "order"_a.noconvert(),
             "warps"_a.noconvert().none(), "weights"_a.noconvert(), "out"_a.noconvert());
}

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed

NB_MODULE(SEEDBED_MODULE, m) {
    using seedbed::Loss;
    using seedbed::Optimizer;
    using seedbed::Rule;
    nb::enum_<Loss>(m, "Loss")
        .value("cross_entropy", Loss::cross_entropy)
        .value("mean_squared_error", Loss::mean_squared_error)
        .value("mean_absolute_error", Loss::mean_absolute_error)
        .value("binary_cross_entropy", Loss::binary_cross_entropy);
    nb::enum_<Rule>(m, "Rule")
        .value("sgd", Rule::sgd)
        .value("adam", Rule::adam)
        .value("adamw", Rule::adamw);
    nb::class_<Optimizer>(m, "Optimizer")
        .def(nb::init<>())
        .def_rw("rule", &Optimizer::rule)
        .def_rw("momentum", &Optimizer::momentum)
        .def_rw("nesterov", &Optimizer::nesterov)
        .def_rw("weight_decay", &Optimizer::weight_decay)
        .def_rw("beta1", &Optimizer::beta1)
        .def_rw("beta2", &Optimizer::beta2)
        .def_rw("epsilon", &Optimizer::epsilon)
        .def_rw("l1", &Optimizer::l1)
        .def_rw("l2", &Optimizer::l2);
    // The instruction sets with a module of their own that this processor can run, fastest first.
    m.def("supported_instructions", [] {
        std::vector<std::string> supported{"portable"};
#if defined(__x86_64__)
        __builtin_cpu_init();
        const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                          __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
        const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                            __builtin_cpu_supports("avx512bw") &&
                            __builtin_cpu_supports("avx512cd") &&
                            __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
        if (avx2) supported.insert(supported.begin(), "avx2");
        if (avx512) supported.insert(supported.begin(), "avx512");
#endif
        return supported;
    });
    // Trainers by their number of lanes.
    nb::dict trainers;
#define SEEDBED_BIND(L)                              \
    seedbed::bind<L>(m, "Trainer" #L);               \
    trainers[nb::int_(L)] = m.attr("Trainer" #L)
#if defined(__AVX512F__)
    SEEDBED_BIND(16);
    SEEDBED_BIND(8);
#elif defined(__AVX2__)
    SEEDBED_BIND(8);
#else
    SEEDBED_BIND(4);
#endif
    m.attr("TRAINERS") = trainers;
}
