"""The sections of the page of results, each from the studies that it shows.

A section whose studies have not been trained stays as it was written, with a note that says which
version it is of: its columns and tests are those of that version.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.workers.process import ROOT
from seedbed.analysis.answer import answer
from seedbed.analysis.entry import Entry, Provenance
from seedbed.analysis.subjects.claims.result import claims_of
from seedbed.analysis.subjects.claims.table import claims_table
from seedbed.core.errors import DataError
from seedbed.display.escape import markdown as escaped
from seedbed.report.renderers import markdown
from seedbed.study.spec.reader import load_study

Summaries = Mapping[str, Sequence[Entry]]
"""Of studies by name."""

TRAINED: Final = "Trained with"
"""How the first line of a section begins."""
NOT_TRAINED: Final = "Not trained here:"
"""How a section begins that has never been written."""
MOST_LACKING: Final = 5
"""Configurations without runs that are named."""
REPRODUCED: Final = "To reproduce this section:"
"""How the second line begins."""


@dataclass(frozen=True)
class Section:
    """A section of the page."""

    title: str
    studies: tuple[str, ...]
    make: Callable[[Summaries], Sequence[str]]
    """Returns its paragraphs and tables; called where all of its studies are there."""
    option: str = ""
    """Of the commands that train its studies, if they need one."""

    def commands(self, studies: Sequence[str]) -> str:
        """Return the commands that train some of its studies."""
        option = f" {self.option}" if self.option else ""
        return ", ".join(
            f"`seedbed run examples/{name}.toml --out studies/{name}{option}`" for name in studies
        )


def joined(
    introduction: str, sections: Sequence[Section], summaries: Summaries, written: str
) -> str:
    """Return the page: each section anew if it can be made, otherwise as it was written.

    Sections that were written and are not among these stay at the end.
    """
    old = _sections_of(written)
    version = _version(written)
    blocks = ["# Results", introduction]
    for section in sections:
        kept = old.pop(section.title, None)
        if all(name in summaries for name in section.studies):
            entries = [entry for name in section.studies for entry in summaries[name]]
            partial = [_partly(name, summaries[name]) for name in section.studies]
            blocks += [f"## {section.title}", " ".join([_trained(entries), *filter(None, partial)])]
            blocks += [_reproduced(section), *section.make(summaries)]
        elif kept is None or kept.startswith(NOT_TRAINED):
            blocks += [f"## {section.title}", _how_to_train(section, summaries)]
        else:
            trained, *rest = "\n\n".join(_with_version(kept, version)).split("\n\n")
            rest = [block for block in rest if not block.startswith(REPRODUCED)]
            blocks += [f"## {section.title}", trained, _reproduced(section), *rest]
    for title, kept in old.items():
        blocks += [f"## {title}", kept]
    return "\n\n".join(blocks) + "\n"


def said(entries: Sequence[Entry]) -> list[str]:
    """Return the declared claims of a study, and what its page says at the top."""
    claims = [markdown.render(claims_table(entries)).strip()] if claims_of(entries) else []
    sentences = "\n".join(f"- {escaped(line)}" for line in answer(entries))
    return [*claims, "What the page says at its top:", sentences]


def _sections_of(page: str) -> dict[str, str]:
    """Return the text of each section by its title."""
    _, *parts = re.split(r"^## (.*)$", page, flags=re.MULTILINE)
    return dict(zip(parts[::2], (part.strip() for part in parts[1::2]), strict=True))


def _version(page: str) -> str:
    found = re.search(r"^Versions: .*seedbed ([^,]+),", page, re.MULTILINE)
    return found[1] if found else ""


def _with_version(kept: str, version: str) -> list[str]:
    """Return a section that stays, with a note if it does not say what it is of."""
    if not version or kept.startswith(TRAINED):
        return [kept]
    return [
        f"{TRAINED} and written by seedbed {version}; not trained anew since. Columns, intervals "
        "and p-values are those of that version: an interval is Student's over seeds for these "
        "test images, and p (Holm) is Holm's correction of exact sign-flip tests.",
        kept,
    ]


def _trained(entries: Sequence[Entry]) -> str:
    """Say what trained the networks of a section, and where."""
    provenances = [entry.header.provenance for entry in entries if entry.header.provenance]
    if not provenances:
        return f"{TRAINED} an unknown version."
    engines = dict.fromkeys(map(_engine, provenances))
    days = sorted({provenance.finished[:10] for provenance in provenances})
    period = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    seeds = sorted({str(seed) for entry in entries for seed in entry.header.seeds})
    streams = [entry.header.varied for entry in entries if entry.header.is_crossed]
    if streams:
        seeds = ["crossed: " + " × ".join(dict.fromkeys(name for of in streams for name in of))]
    return f"{TRAINED} {'; '.join(engines)}; {period}; seeds {', '.join(seeds)}."


def _partly(name: str, entries: Sequence[Entry]) -> str:
    """Say how much of a study of examples/ has not been trained; empty where all has."""
    try:
        spec = load_study(str(ROOT / "examples" / f"{name}.toml"))
    except DataError as error:  # labels that people gave are not part of the repository
        return f"Whether all was trained is not known where {Path(error.where).name} is not there."
    trained = {entry.header.label for entry in entries if entry.header.n}
    lacking = [of.label for of in spec.configurations if of.label not in trained]
    sentences = []
    if lacking:
        more = f" and {len(lacking) - MOST_LACKING} more" if len(lacking) > MOST_LACKING else ""
        named = ", ".join(f"“{label}”" for label in lacking[:MOST_LACKING])
        sentences.append(f"Not trained, to save time: {named}{more}.")
    if any(0 < entry.header.n < len(spec.seeds) for entry in entries):
        sentences.append(f"Not all {len(spec.seeds)} seeds were trained; n is how many were.")
    return " ".join(sentences)


def _engine(provenance: Provenance) -> str:
    engine, machine = provenance.engine, provenance.machine
    kernels = f", {engine.instructions}" if engine.instructions else ""
    return (
        f"seedbed {provenance.versions.get('seedbed', '')} (engine {engine.name}{kernels}) on "
        f"{machine.processor}, {machine.cores} cores"
    )


def _reproduced(section: Section) -> str:
    commands = section.commands(section.studies)
    return f"{REPRODUCED} {commands}, then `python -m benchmarks.reports`."


def _how_to_train(section: Section, summaries: Summaries) -> str:
    lacking = [name for name in section.studies if name not in summaries]
    return f"{NOT_TRAINED} {section.commands(lacking)} does it."
