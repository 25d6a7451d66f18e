// All layers by kind. To add a layer, write its header in layers/ and list it here.
#pragma once

#include <map>
#include <string>

#include "graph.hpp"
#include "layers/activations.hpp"
#include "layers/attention.hpp"
#include "layers/batch_norm.hpp"
#include "layers/conv.hpp"
#include "layers/dropout.hpp"
#include "layers/gelu.hpp"
#include "layers/group_norm.hpp"
#include "layers/layer_norm.hpp"
#include "layers/linear.hpp"
#include "layers/pooling.hpp"
#include "layers/residual.hpp"
#include "layers/token_linear.hpp"
#include "layers/tokens.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// Maps a kind to the function that adds such a layer to a graph.
template <int L>
const std::map<std::string, void (*)(Graph<L>&, Settings&)>& layer_list() {
    static const std::map<std::string, void (*)(Graph<L>&, Settings&)> list{
        {"attention", Attention<L>::add},
        {"avg_pool", AveragePooling<L>::add},
        {"batch_norm", BatchNorm<L>::add},
        {"class_token", ClassToken<L>::add},
        {"conv", Convolution<L>::add},
        {"dropout", Dropout<L>::add},
        {"elu", Activation<L, Elu<L>>::add},
        {"first_token", FirstToken<L>::add},
        {"flatten", Flatten<L>::add},
        {"fork", Fork<L>::add},
        {"gelu", Gelu<L>::add},
        {"global_avg_pool", GlobalAveragePooling<L>::add},
        {"group_norm", GroupNorm<L>::add},
        {"join", Join<L>::add},
        {"layer_norm", LayerNorm<L>::add},
        {"leaky_relu", Activation<L, LeakyRelu<L>>::add},
        {"linear", Linear<L>::add},
        {"max_pool", MaxPooling<L>::add},
        {"positions", Positions<L>::add},
        {"relu", Activation<L, Relu<L>>::add},
        {"shortcut", Shortcut<L>::add},
        {"sigmoid", Activation<L, Sigmoid<L>>::add},
        {"tanh", Activation<L, Tanh<L>>::add},
        {"token_linear", TokenLinear<L>::add},
        {"token_mean", TokenMean<L>::add},
        {"tokens", Tokens<L>::add},
    };
    return list;
}

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
