// A network: its layers, the memory between them, and the passes of a batch through them.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "graph.hpp"
#include "layers.hpp"
#include "memory.hpp"

namespace seedbed {
inline namespace SEEDBED_INSTRUCTIONS {

// Layers are added front to back, a linear layer last; then `finish` takes memory.
template <int L>
class Network : public Graph<L> {
  public:
    using Graph<L>::Graph;

    // Adds a layer of a kind in layers.hpp.
    void add(const std::string& kind, Settings::Values values) {
        if (groups_ > 0) throw std::invalid_argument("no layers after finish");
        if (!whole_) throw std::invalid_argument("a previous layer was refused");
        const auto& known = layer_list<L>();
        const auto layer = known.find(kind);
        if (layer == known.end()) throw std::invalid_argument("unknown layer \"" + kind + "\"");
        Settings settings(kind, std::move(values));
        whole_ = false;
        layer->second(*this, settings);
        settings.done();
        whole_ = true;
    }

    std::size_t weights() const { return weights_; }
    // Numbers that stand behind the weights, and are kept from batch to batch without a gradient.
    std::size_t buffers() const { return buffers_; }
    int classes() const { return nodes_.back()->value.shape.features(); }
    std::ptrdiff_t mask() const { return mask_; }
    int capacity() const { return groups_ * L; }

  protected:
    // Takes memory for up to `images` images at a time, on so many threads. `whole`: all groups of a
    // batch go forward before one goes back.
    void finish(int images, int threads, bool whole) {
        if (groups_ > 0) throw std::invalid_argument("finish was called before");
        if (!whole_) throw std::invalid_argument("a layer was refused");
        if (images < 1) throw std::invalid_argument("no images");
        if (layers_.empty() || !layers_.back()->gives_logits())
            throw std::invalid_argument("the last layer is not linear");
        if (!this->branches.empty()) throw std::invalid_argument("a branch without its end");
        groups_ = images / L + (images % L != 0);
        one_by_one_ = one_by_one_ && stages_.size() == 1 && !whole;
        if (whole) nodes_.front()->keep();
        // Within a stage one group passes through all layers before the next, so what nobody looks at
        // again needs room for one group a thread only.
        const Slots all{groups_, groups_}, scratch{std::min(threads, groups_), groups_};
        const Slots kept = one_by_one_ ? scratch : all;
        MemoryPlan<L>({steps_.begin(), steps_.begin() + first_dense_}, stages_, dense_, scratch).apply();
        bool spatial = true;
        for (auto& n : nodes_) {
            if (n.get() == dense_) spatial = false;
            if (!n->value.allocated())
                n->value.allocate(!spatial ? all : n->is_kept() ? kept : scratch);
            if (!n->has_gradient || n->gradient.allocated()) continue;
            n->gradient.shape = n->value.shape;
            n->gradient.allocate(!spatial || n->keeps_gradient ? all : scratch);
        }
        for (std::size_t i = 0; i < layers_.size(); ++i) {
            layers_[i]->allocate({i < first_dense_ ? kept : all, scratch});
            weights_ += layers_[i]->weights();
            buffers_ += layers_[i]->buffers();
        }
    }

    // Takes the images of another network of the same layers as input.
    void share_images(const Network& other) {
        const Tensor<L>&own = nodes_.front()->value, &theirs = other.nodes_.front()->value;
        if (weights_ != other.weights_ || own.memory()->size() != theirs.memory()->size() ||
            own.channel() != theirs.channel() || own.row() != theirs.row())
            throw std::invalid_argument("the other trainer has other layers");
        nodes_.front()->value.share(other.nodes_.front()->value.memory(), {groups_, groups_});
    }

    // Takes the weights and the buffers behind them.
    void begin(const float* weights, bool training) {
        const float* buffers = weights + weights_;
        for (auto& layer : layers_) {
            layer->begin(weights, buffers, training);
            weights += layer->weights();
            buffers += layer->buffers();
        }
    }
    // Before a batch of so many images, on one thread; then `pack` on all.
    void enter(int images) {
        for (auto& layer : layers_) layer->enter(images);
    }
    void pack(const Share& share) {
        for (auto& layer : layers_) layer->pack(share);
    }

    // After a step, on one thread: what layers keep from batch to batch beside weights.
    void keep(float* buffers) const {
        for (const auto& layer : layers_) {
            layer->keep(buffers);
            buffers += layer->buffers();
        }
    }

    std::size_t end(int stage) const {
        const auto next = static_cast<std::size_t>(stage) + 1;
        return next < stages_.size() ? stages_[next] : first_dense_;
    }
    void forward_stage(int stage, int g) {
        for (std::size_t i = stages_[stage]; i < end(stage); ++i) layers_[i]->forward({g, g + 1});
    }
    void backward_stage(int stage, int g) {
        for (std::size_t i = end(stage); i-- > stages_[stage];) layers_[i]->backward({g, g + 1});
    }

    void forward_dense(const Groups& groups) {
        for (std::size_t i = first_dense_; i < layers_.size(); ++i) layers_[i]->forward(groups);
    }
    void backward_dense(const Groups& groups) {
        for (std::size_t i = layers_.size(); i-- > first_dense_;) layers_[i]->backward(groups);
    }

    using Graph<L>::nodes_;
    using Graph<L>::layers_;
    using Graph<L>::stages_;
    using Graph<L>::mask_;
    using Graph<L>::one_by_one_;
    int groups_ = 0;

  private:
    using Graph<L>::steps_;
    using Graph<L>::dense_;
    using Graph<L>::first_dense_;
    bool whole_ = true;  // no layer was refused
    std::size_t weights_ = 0;
    std::size_t buffers_ = 0;
};

}  // namespace SEEDBED_INSTRUCTIONS
}  // namespace seedbed
