"""What a user says of prediction files, because the files do not say it themselves."""

from dataclasses import dataclass
from typing import Final, Literal

from seedbed.analysis.prediction_files.kinds import GivenKind

LabelsAre = Literal["names", "positions"]


@dataclass(frozen=True)
class Layout:
    """What a file does not say itself."""

    label: str | None = None
    """The column or array of the labels; by default one with a usual name, such as ``label``."""
    ignore: tuple[str, ...] = ()
    """Columns that are not used."""
    kind: GivenKind | None = None
    """What the scores are; told by their name or their values by default."""
    class_names: tuple[str, ...] | None = None
    """In the order in which labels count them. If all are names of columns, these columns are the
    scores, wherever they stand; otherwise they name the columns in their order."""
    image: str | None = None
    """The column that names the image; by default one of file names, if there is one."""
    labels_are: LabelsAre | None = None
    """Whether labels that are numbers name classes or count columns from 0, where both fit."""


PLAIN: Final = Layout()
