"""What a page shows of an analysis: a part under the heading of the topic.

By default that is one part with all charts and all tables of the analysis. An analysis that needs
more says so as data: a heading, an introduction, or the name of a template, which the page has in
``report/page/assets/templates/parts``, and what the template is given.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from seedbed.analysis.entry import Entry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class PixelSource(Protocol):
    """Test images as they are."""

    def __call__(
        self, key: str, hashes: Sequence[str], shape: tuple[int, int, int], /
    ) -> "dict[str, NDArray[np.uint8]]":
        """Return images by hash, as far as they are known.

        Args:
            key: Of the test set: its ``test_fingerprint``.
            hashes: Of the contents of the images.
            shape: Height, width and channels.
        """


@dataclass(frozen=True)
class PageMaterial:
    """What a page is made of."""

    entries: Sequence[Entry]
    """Those that are shown in detail."""
    folders: Sequence[Path] = ()
    """The folder of the study of each entry; none where nothing may be read."""
    pixels: "PixelSource | None" = None
    """Test images, as far as they were found."""
    study: Sequence[Entry] = ()
    """All configurations, where these are only some of them; of the others it is known what
    analyses of the study say (:attr:`seedbed.analysis.base.Analysis.of_study`)."""

    @property
    def whole(self) -> Sequence[Entry]:
        """All configurations, whether or not they are shown in detail."""
        return self.study or self.entries


@dataclass(frozen=True)
class ShownImage:
    """A test image that a part shows.

    If not all images fit into a page, those are left out first that need a click to be seen, and of
    these the ones that the smallest share of the runs gets wrong.
    """

    index: int
    """In the test split."""
    share: float
    """Of the runs that get it wrong; 1 for one that must be there."""
    place: int
    """Among the images that are shown together: the first is the most telling."""
    at_once: bool = True
    """Whether it is seen without a click."""


@dataclass(frozen=True)
class PagePart:
    """A part of a page."""

    name: str = ""
    """Of the anchor; that of the analysis by default."""
    title: str = ""
    """The heading. Without one, the part follows the heading of its topic."""
    text: str | Callable[[Sequence[Entry]], str] = ""
    """How to read what is shown, or a function that says it of the entries."""
    charts: tuple[str, ...] | None = None
    """Names of the charts of the analysis that are shown; all by default."""
    tables: tuple[str, ...] | None = None
    """Names of the tables of the analysis that are shown; all by default."""
    open: bool = False
    """Whether its first table stands open; tables are folded up where charts show the same."""
    template: str = ""
    """What shows ``data``; none by default."""
    data: Callable[[PageMaterial], Any] | None = None
    """What the template is given; the part is left out where it is ``None`` and there is nothing
    else to show."""
    images: Callable[[Sequence[Entry]], Iterator[ShownImage]] | None = None
    """The test images that the template shows, of entries with the same test set."""
    per_configuration: bool = False
    """Whether the template shows one configuration at a time."""
    first: Callable[[Entry], float] | None = None
    """The configuration with the highest value is shown at first, where one is shown at a time; by
    default the baseline of the study, or else that with the highest mean test accuracy."""
    applies: Callable[[Sequence[Entry]], bool] | None = None
    """Whether there is something to show; by default where an entry has the result of the
    analysis."""
    folded: bool = False
    """Whether only its title is shown until the reader opens it."""
    half: bool = False
    """Whether it stands beside its neighbors of half the width, where there is room."""
    of_study: bool = False
    """Whether it is about all configurations also on a page that shows only some in detail."""
    rank: int | None = None
    """Where it stands within its topic; that of the analysis by default."""
