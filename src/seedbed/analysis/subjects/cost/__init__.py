"""What a network costs to store, to run and to train, against its accuracy."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from seedbed.analysis.aggregate import Aggregate
from seedbed.analysis.base import Analysis, ChartView, TableView, never
from seedbed.analysis.entry import Entry
from seedbed.analysis.material import Material
from seedbed.analysis.part import PagePart
from seedbed.analysis.subjects.cost.result import Cost, CostResult
from seedbed.analysis.subjects.cost.sentences import sentences
from seedbed.analysis.subjects.cost.table import cost_table

if TYPE_CHECKING:
    from seedbed.display.charts.style import Drawing

MOST_CHARTED: Final = 8
"""Configurations that a document draws: as many as have a place in the legend."""


def _compute(material: Material) -> CostResult | None:
    results, store = material.results, material.store
    if results is None or store is None:
        return None
    record = results.ended[0].record if results.ended else None
    of = record.cost if record else None
    sizes = (store.run(run.record.id).weights_size(run.record) for run in results.finished)
    seconds = Aggregate.of(run.record.seconds for run in results.finished)
    return CostResult(
        Cost(
            parameters=of.parameters if of else None,
            multiply_adds=of.multiply_adds if of else None,
            weight_bytes=of.weight_bytes if of else None,
            weight_file_bytes=next(sizes, None),
            seconds=seconds.mean,
            seconds_std=seconds.std,
            seconds_total=sum(run.record.seconds or 0.0 for run in results.ended),
            epochs=results.configuration.recipe.epochs,
        )
    )


def _few(entries: Sequence[Entry]) -> bool:
    return len(entries) <= MOST_CHARTED


def _chart(name: str, title: str, cost: str, *, shown: bool = True) -> ChartView:
    def draw(entries: Sequence[Entry]) -> "Drawing | None":
        from seedbed.analysis.subjects.cost.charts import cost_chart

        return cost_chart(name, title, entries)

    description = (
        f"The mean test accuracy of every configuration, with its 95% interval, against {cost}, "
        "and the Pareto front of both."
    )
    return ChartView(title, description, draw, in_documents=_few if shown else never)


ANALYSIS = Analysis(
    "cost",
    topic="cost",
    result=CostResult,
    compute=_compute,
    tables={"cost": TableView("Cost", cost_table)},
    charts={
        "parameters": _chart(
            "parameters", "Test accuracy by parameters", "the parameters of its network"
        ),
        "multiply-adds": _chart(
            "multiply_adds",
            "Test accuracy by multiply-adds",
            "the multiply-adds of one image",
            shown=False,
        ),
        "training-time": _chart(
            "seconds", "Test accuracy by training time", "the training time of a run in seconds"
        ),
        "weight-file": _chart(
            "weight_file_bytes",
            "Test accuracy by the size of the weight file",
            "the bytes of the file of its weights",
            shown=False,
        ),
    },
    sentences=sentences,
    opens_page=False,
    parts=(PagePart(),),
)
