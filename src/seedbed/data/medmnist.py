"""The facts about MedMNIST v2 (Yang et al. 2023), single-label 2D sets of 28×28 pixels.

Checksums and class names are the publishers'.
"""

from dataclasses import dataclass
from typing import Final

HOMEPAGE: Final = "https://zenodo.org/record/6496656"
"""Where the files are published."""
UNUSABLE: Final = {
    "chestmnist": "has several labels per image",
    **{
        f"{part}mnist3d": "has 3D images"
        for part in ("organ", "nodule", "adrenal", "fracture", "vessel", "synapse")
    },
}
"""Sets of MedMNIST that cannot be used, and why."""


@dataclass(frozen=True)
class MedMnist:
    """A set of MedMNIST.

    Args:
        title: The publishers' name.
        md5: The checksum of the NPZ file.
        images: The number of training, validation and test images.
        channels: 1 (gray) or 3 (RGB).
        classes: By label.
    """

    title: str
    md5: str
    images: tuple[int, int, int]
    channels: int
    classes: tuple[str, ...]


ORGANS: Final = (
    "bladder",
    "femur-left",
    "femur-right",
    "heart",
    "kidney-left",
    "kidney-right",
    "liver",
    "lung-left",
    "lung-right",
    "pancreas",
    "spleen",
)

MEDMNIST: Final = (
    MedMnist(
        "BreastMNIST",
        "750601b1f35ba3300ea97c75c52ff8f6",
        (546, 78, 156),
        1,
        ("malignant", "normal, benign"),
    ),
    MedMnist(
        "RetinaMNIST",
        "bd4c0672f1bba3e3a89f0e4e876791e4",
        (1_080, 120, 400),
        3,
        ("0", "1", "2", "3", "4"),
    ),
    MedMnist(
        "PneumoniaMNIST",
        "28209eda62fecd6e6a2d98b1501bb15f",
        (4_708, 524, 624),
        1,
        ("normal", "pneumonia"),
    ),
    MedMnist(
        "DermaMNIST",
        "0744692d530f8e62ec473284d019b0c7",
        (7_007, 1_003, 2_005),
        3,
        (
            "actinic keratoses and intraepithelial carcinoma",
            "basal cell carcinoma",
            "benign keratosis-like lesions",
            "dermatofibroma",
            "melanoma",
            "melanocytic nevi",
            "vascular lesions",
        ),
    ),
    MedMnist(
        "BloodMNIST",
        "7053d0359d879ad8a5505303e11de1dc",
        (11_959, 1_712, 3_421),
        3,
        (
            "basophil",
            "eosinophil",
            "erythroblast",
            "immature granulocytes(myelocytes, metamyelocytes and promyelocytes)",
            "lymphocyte",
            "monocyte",
            "neutrophil",
            "platelet",
        ),
    ),
    MedMnist("OrganCMNIST", "0afa5834fb105f7705a7d93372119a21", (13_000, 2_392, 8_268), 1, ORGANS),
    MedMnist("OrganSMNIST", "e5c39f1af030238290b9557d9503af9d", (13_940, 2_452, 8_829), 1, ORGANS),
    MedMnist("OrganAMNIST", "866b832ed4eeba67bfb9edee1d5544e6", (34_581, 6_491, 17_778), 1, ORGANS),
    MedMnist(
        "PathMNIST",
        "a8b06965200029087d5bd730944a56c1",
        (89_996, 10_004, 7_180),
        3,
        (
            "adipose",
            "background",
            "debris",
            "lymphocytes",
            "mucus",
            "smooth muscle",
            "normal colon mucosa",
            "cancer-associated stroma",
            "colorectal adenocarcinoma epithelium",
        ),
    ),
    MedMnist(
        "OCTMNIST",
        "c68d92d5b585d8d81f7112f81e2d0842",
        (97_477, 10_832, 1_000),
        1,
        ("choroidal neovascularization", "diabetic macular edema", "drusen", "normal"),
    ),
    MedMnist(
        "TissueMNIST",
        "ebe78ee8b05294063de985d821c1c34b",
        (165_466, 23_640, 47_280),
        1,
        (
            "Collecting Duct, Connecting Tubule",
            "Distal Convoluted Tubule",
            "Glomerular endothelial cells",
            "Interstitial endothelial cells",
            "Leukocytes",
            "Podocytes",
            "Proximal Tubule Segments",
            "Thick Ascending Limb",
        ),
    ),
)
"""The smallest first."""
