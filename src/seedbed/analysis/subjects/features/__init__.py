"""How the features of networks lie in space: do they cluster by class, without labels?"""

from typing import TYPE_CHECKING, Any, Final

from seedbed.analysis.base import Analysis, TableView
from seedbed.analysis.inquiries.inquiry import stored_answers
from seedbed.analysis.part import PageMaterial, PagePart
from seedbed.analysis.subjects.features.inquiry import FeatureInquiry
from seedbed.analysis.subjects.features.result import Features
from seedbed.analysis.subjects.features.table import features_table

if TYPE_CHECKING:
    from seedbed.analysis.material import Material

INQUIRY: Final = FeatureInquiry()


def _clouds(material: PageMaterial) -> Any:
    from seedbed.analysis.subjects.features.cloud import find_clouds
    from seedbed.display.charts.style import COLORS

    clouds = find_clouds(material.folders, material.entries) if material.folders else []
    return {"clouds": clouds, "colors": COLORS} if clouds else None


def _compute(material: "Material") -> Features | None:
    from seedbed.analysis.subjects.features.compute import features

    return features(stored_answers(INQUIRY, material))


ANALYSIS = Analysis(
    "features",
    topic="features",
    result=Features,
    compute=_compute,
    inquiry=INQUIRY,
    tables={"features": TableView("Features: clusters and classes", features_table)},
    parts=(
        PagePart(
            name="feature-space",
            title="Feature space",
            text="Features are the inputs of the last layer. They are shown in three dimensions, "
            "their principal components: images of a class lie together where the network has "
            "learned to tell the class from the others.",
            template="cloud",
            half=True,
            data=_clouds,
        ),
    ),
)
