"""The components of variance of crossed runs, from their accuracies and their answers."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from seedbed.analysis.material import Material
from seedbed.analysis.predictions import Predictions
from seedbed.analysis.statistics.comparison import LEVEL
from seedbed.analysis.statistics.crossed import CompleteDesign, complete_design
from seedbed.analysis.statistics.crossed.components import Analysis, Term, image_shares
from seedbed.analysis.subjects.variance.result import (
    REST,
    CrossedVariance,
    SeedCount,
    StreamSeeds,
    TurnedImage,
    Variance,
    VarianceComponent,
)
from seedbed.display.seed_names import seeds_of

if TYPE_CHECKING:
    from seedbed.analysis.aggregate import Interval

MOST_IMAGES = 5
"""Images that are named for each stream."""


def compute(material: Material) -> Variance | None:
    """Return the components; ``None`` where the study does not cross streams, or has no run."""
    results = material.results
    if results is None or len(results.varied) < 2 or not results.finished:
        return None
    levels = [seeds_of(run.record.seed, results.varied) for run in results.finished]
    of, accuracies = _accuracies(material)
    design = complete_design(levels)
    if design is None or accuracies is None:
        return Variance(
            CrossedVariance(
                of=of,
                streams=_streams(results.varied, list(zip(*levels, strict=True))),
                runs=0,
                left_out=len(levels),
                variance=0.0,
                components=(),
            )
        )
    analysis = Analysis.of(design.arranged(accuracies), len(results.varied))
    streams = _streams(results.varied, design.seeds)
    single = _SingleImages.of(material.predictions, design) if material.predictions else None
    return Variance(
        CrossedVariance(
            of=of,
            streams=streams,
            runs=design.runs.size,
            left_out=len(levels) - design.runs.size,
            variance=float(analysis.components.sum()),
            components=tuple(_components(analysis, results.varied, single)),
            changing_images=len(single.changing) if single else None,
            turned_images=tuple(single.turned(streams)) if single else (),
            turned=single.counts if single else (),
        )
    )


def _accuracies(material: Material) -> tuple[str, NDArray[np.float64] | None]:
    """Return what is analyzed, and it; of runs without a test split, their validation accuracy."""
    runs = material.results.finished if material.results else []
    if material.predictions:
        return "test accuracy", np.array([run.accuracy for run in material.predictions])
    test = [run.kept.test_accuracy for run in runs]
    validation = [run.kept.validation_accuracy for run in runs]
    of, values = ("validation accuracy", validation) if None in test else ("test accuracy", test)
    return of, None if None in values else np.array(values, np.float64)


def _streams(names: Sequence[str], seeds: Sequence[Sequence[int]]) -> tuple[StreamSeeds, ...]:
    return tuple(
        StreamSeeds(name, tuple(dict.fromkeys(of))) for name, of in zip(names, seeds, strict=True)
    )


def _components(
    analysis: Analysis, names: Sequence[str], single: "_SingleImages | None"
) -> Iterator[VarianceComponent]:
    components, squares = analysis.components[:, 0], analysis.mean_squares[:, 0]
    total = float(components.sum())
    of_images: Sequence[tuple[float, Interval] | None] = single.shares if single else ()
    for number, (term, (interval, share)) in enumerate(
        zip(analysis.terms, analysis.intervals(), strict=True)
    ):
        of_image = of_images[number] if of_images else None
        yield VarianceComponent(
            source=_source(term, names),
            degrees_of_freedom=analysis.degrees_of_freedom[number],
            mean_square=float(squares[number]),
            variance=float(components[number]),
            interval=interval,
            share=float(components[number]) / total if total > 0 else None,
            share_interval=share,
            image_share=of_image[0] if of_image else None,
            image_share_interval=of_image[1] if of_image else None,
        )


def _source(term: Term, names: Sequence[str]) -> str:
    return " × ".join(names[axis] for axis in term) or REST


class _SingleImages:
    """Whether runs are right about single images, in the shape of the layout."""

    def __init__(self, predictions: Predictions, design: CompleteDesign, right: NDArray[np.bool_]):
        self._predictions, self._design = predictions, design
        cells = design.arranged(right.astype(np.float64))
        streams = len(design.seeds)
        share = cells.mean(axis=tuple(range(streams)))
        self.changing = np.flatnonzero((share > 0) & (share < 1))
        self._cells = cells[..., self.changing]
        analysis = Analysis.of(self._cells, streams)
        self.shares: list[tuple[float, Interval]] = []
        if len(self.changing):
            everywhere = np.zeros((len(analysis.terms), right.shape[1]))
            everywhere[:, self.changing] = analysis.components
            self.shares = image_shares(everywhere)
        self._explained, self._p_values = self._tests(analysis)
        significant = self._p_values < LEVEL
        self.counts = tuple(int(of.sum()) for of in significant)

    @classmethod
    def of(cls, runs: Sequence[Predictions], design: CompleteDesign) -> "_SingleImages":
        return cls(runs[0], design, ~np.stack([run.wrong for run in runs]))

    def turned(self, streams: Sequence[StreamSeeds]) -> Iterator[TurnedImage]:
        """Yield the images that depend on each stream most clearly."""
        for axis, stream in enumerate(streams):
            p_values, explained = self._p_values[axis], self._explained[axis]
            order = np.lexsort((self.changing, -explained, p_values))[:MOST_IMAGES]
            for place in order[p_values[order] < LEVEL].tolist():
                index = int(self.changing[place])
                others = tuple(other for other in range(len(streams)) if other != axis)
                right = self._cells[..., place].sum(axis=others)
                runs = self._design.runs.size // len(stream.seeds)
                yield TurnedImage(
                    stream=stream.stream,
                    index=index,
                    name=self._predictions.name(index),
                    label=self._predictions.class_names[int(self._predictions.labels[index])],
                    share=float(explained[place]),
                    p_adjusted=float(p_values[place]),
                    seeds=tuple(
                        SeedCount(seed, round(count), runs)
                        for seed, count in zip(stream.seeds, right.tolist(), strict=True)
                    ),
                )

    def _tests(self, analysis: Analysis) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return, of each stream and image, the share of squares and the corrected p-value.

        If the stream did not matter, each run could as well have had another seed of it. Over all
        such permutations N - 1 times the share is about chi-squared, with as many degrees of
        freedom as the stream (Pearson's test for k proportions).
        """
        streams = len(analysis.shape)
        squares = analysis.sums_of_squares
        explained = squares[:streams] / np.maximum(squares.sum(axis=0), np.finfo(float).tiny)
        freedom = np.array(analysis.degrees_of_freedom[:streams], np.float64)[:, np.newaxis]
        p_values = chdtrc(freedom, (self._design.runs.size - 1) * explained)
        return explained, np.minimum(p_values * explained.size, 1.0)
