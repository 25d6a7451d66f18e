"""Short explanations of the terms of pages and documents."""

from typing import Final

TERMS: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "run, seed",
        r"\bn runs\b|\bruns\b",
        "A run trains a network once. Its seed decides everything that is random: initial weights, "
        "order of the images, augmentation. Runs of one configuration differ in their seeds alone, "
        "so their spread shows how much of a result is chance.",
    ),
    (
        "mean ± standard deviation",
        r"±",
        "The average over the runs, and how far a single run typically lies from it (computed with "
        "n − 1).",
    ),
    (
        "95% interval",
        r"95% interval",
        "A range made so that in 95 of 100 studies it contains the true mean. For these images: "
        "over other seeds, with the same test images. For new images: with other test images of "
        "the same kind, too.",
    ),
    (
        "p-value",
        r"(?m)^p$|\bp (?:=|<|≥)",
        "How often a difference at least this large would appear by chance if there were none. "
        "Below 0.05 it is called significant. A larger value is not evidence that two "
        "configurations are equally good.",
    ),
    (
        "corrected",
        r"\bcorrected\b",
        "Whoever makes many comparisons finds a small p-value by chance. Corrected p-values and "
        "intervals allow for the number of comparisons.",
    ),
    (
        "paired",
        r"\bpaired\b",
        "Runs with the same seed are compared with each other, so that what they share cancels "
        "out.",
    ),
    (
        "epoch",
        r"\bepochs?\b",
        "One pass over all training images.",
    ),
    (
        "loss",
        r"\bloss\b",
        "What training minimizes: how badly the predicted probabilities fit the labels. "
        "Cross-entropy is minus the logarithm of the probability of the label.",
    ),
    (
        "overfitting",
        r"\btraining accuracy\b",
        "A network that fits its training images much better than images it has not seen. The "
        "distance between training and test accuracy shows it.",
    ),
    (
        "confusion rate",
        r"[Cc]onfusion",
        "Of the images of one class, the fraction that is predicted as a certain other class. A "
        "row of the confusion matrix sums to 100%.",
    ),
    (
        "ROC curve, AUC",
        r"\bROC\b|\bAUC\b",
        "For one class against the rest: the fraction of its images that are found (true positive "
        "rate) against the fraction of other images that are taken for it (false positive rate), "
        "for every threshold of the score. AUC, the area under the curve, is the probability that "
        "an image of the class scores higher than another one: 1 is perfect, 0.5 is guessing.",
    ),
    (
        "macro, weighted, micro",
        r"\b[Mm]acro\b",
        "Averages over the classes: every class counts the same; every class counts as often as it "
        "has images; all decisions are pooled.",
    ),
    (
        "precision, recall, F1",
        r"\b[Rr]ecall\b",
        "Precision: of the images predicted as a class, the fraction that belong to it. Recall: of "
        "the images of a class, the fraction predicted as it. F1 is their harmonic mean.",
    ),
    (
        "calibration, ECE",
        r"\bECE\b|[Cc]alibrat",
        "A network is calibrated if it is right in 80% of the cases in which it is 80% sure. The "
        "expected calibration error (ECE) is the mean distance from that.",
    ),
    (
        "label noise, transition matrix",
        r"[Ll]abel noise|[Tt]ransition",
        "Training labels that are changed on purpose. Entry (i, j) of the transition matrix is the "
        "probability that an image of class i is labeled j, so every row sums to 1. Symmetric "
        "noise chooses any other class, pair noise always the next one.",
    ),
    (
        "memorized, recovered",
        r"[Mm]emorized",
        "Of the training images with a wrong label, the fraction that the network predicts as that "
        "wrong label, and the fraction that it predicts as the true class all the same.",
    ),
    (
        "parameters, multiply-adds",
        r"[Mm]ultiply-adds",
        "Parameters are the numbers that training adjusts. Multiply-adds count the arithmetic for "
        "one image.",
    ),
    (
        "convolution",
        r"\bConv2d\b",
        "Slides small filters over the image, so that a pattern is found wherever it is.",
    ),
    (
        "pooling",
        r"\bMaxPool2d\b|\bAvgPool2d\b",
        "Keeps one value of each small window: less detail, less dependence on exact positions.",
    ),
    (
        "activation function",
        r"\bActivation\b",
        "The bend between two layers, without which they would amount to one. ReLU sets negative "
        "values to 0, LeakyReLU multiplies them by a small slope, ELU bends them exponentially "
        "toward a negative limit.",
    ),
    (
        "patch embedding",
        r"\bPatchEmbedding\b",
        "A Vision Transformer cuts the image into patches and maps each to a vector, a token.",
    ),
    (
        "position encoding",
        r"\bPositionEncoding\b",
        "A vector for each position that is added to its token; without it, a transformer could "
        "not tell where a patch lies.",
    ),
    (
        "multi-head attention",
        r"\bTransformerBlock\b",
        "Every token collects information from all others, weighted by how well they match; "
        "several heads do so side by side, each in its own way.",
    ),
    (
        "data augmentation",
        r"\baugmentation: (?:shift|rotation|scale|flip|crop|elastic alpha|erasing)\b",
        "Training images are shifted, rotated, scaled, mirrored, distorted or partly erased at "
        "random in every epoch, so that the network cannot learn single images by heart.",
    ),
    (
        "L1 and L2 penalty, weight decay",
        r"\bl[12] penalty\b|\bweight decay\b",
        "Keep weights small: L1 adds the sum of their absolute values to the loss, L2 the sum of "
        "their squares; weight decay shrinks them in every step.",
    ),
    (
        "optimizer",
        r"\boptimizer\b",
        "How the weights follow the gradient. SGD with momentum keeps going in the direction of "
        "the last steps; Adam and AdamW give every weight a step size of its own.",
    ),
    (
        "softmax",
        r"cross-entropy",
        "Turns the outputs of a network into probabilities that sum to 1. It is part of the loss "
        "here and applied once; the network itself ends with the raw outputs, the logits.",
    ),
    (
        "Pareto front",
        r"\bPareto\b",
        "The configurations that no other one beats in both accuracy and cost.",
    ),
)
"""Term, the pattern by which it is found in a section, explanation."""
