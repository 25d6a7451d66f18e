"""The summary of a large study of which few runs have changed, from the summary that there was.

Only the changed configurations are read and computed, and only what relates them to others is
computed anew. Nothing is done for those that are as they were, except that their lines are copied.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from seedbed.analysis.entry import Entry, StudyHeader, sharing
from seedbed.analysis.registry import relate_changed
from seedbed.analysis.summary.made import digest_of_runs, made_entry, shared_fields
from seedbed.analysis.summary_file import SummaryState
from seedbed.study.results import StoredConfigurations
from seedbed.study.store.index import StudyIndex
from seedbed.study.store.part import StudyPart
from seedbed.study.store.study import StudyStore

MOST: Final = 0.1
"""The fraction of configurations up to which the others are not looked at."""


class _Known(msgspec.Struct):
    """What is needed of an entry to see whether it is still true."""

    id: str
    label: str
    runs_hash: str


def summarize_changed(store: StudyStore, state: SummaryState) -> list[Entry] | None:
    """Return the summary of a study of which few configurations have changed.

    Args:
        store: Of the study.
        state: Of the summary that is to be made again.

    Returns:
        ``None`` where the whole study has to be looked at: its file or its claims have changed,
        something is damaged, many configurations have changed, or what relates them to all others,
        such as the number of tests that are corrected together.
    """
    stored, index, text = state.stored, state.index, store.study_text()
    if not stored.is_usable or index is None or text is None or not store.is_unchanged():
        return None
    study = stored.entries[0].header.study
    if study.hash != state.study_hash or study.damaged or study.claims:
        return None
    known = [entry.view(_Known) for entry in stored.entries]
    part = StudyPart(text, store.folder)
    endings = [f"-seed{seeds.key}" for seeds in part.seeds]
    runs = [[of.id + ending for ending in endings] if of else [] for of in known]
    hashes = [
        f"{of.runs_hash.partition('-')[0]}-{digest_of_runs(index, store.folder, ids)}" if of else ""
        for of, ids in zip(known, runs, strict=True)
    ]
    changed = {
        place: of.label
        for place, (of, runs_hash) in enumerate(zip(known, hashes, strict=True))
        if of is not None and of.runs_hash != runs_hash
    }
    # What was damaged has no hash: it would be missing among the changed ones.
    if None in known or not 0 < len(changed) <= MOST * len(known):
        return None
    planned = {run_id for ids in runs for run_id in ids}
    others = sum(name not in planned for name in index.names)
    header = msgspec.structs.replace(study, other_runs=others)
    new = _made(store, state, index, part, header, changed, hashes)
    if new is None:
        return None
    index.write()
    before = {place: stored.entries[place] for place in changed}
    entries = sharing(stored.entries, shared_fields(header, state.source_hash, ()))
    for place, entry in new.items():
        entries[place] = entry
    return relate_changed(entries, before)


def _made(
    store: StudyStore,
    state: SummaryState,
    index: StudyIndex,
    part: StudyPart,
    study: StudyHeader,
    changed: dict[int, str],
    hashes: Sequence[str],
) -> dict[int, Entry] | None:
    """Return the new entries by their places; ``None`` where a run cannot be used."""
    damaged: dict[str, str] = {}
    configurations = StoredConfigurations(part.seeds, store, part.configurations(changed), damaged)
    entries: dict[int, Entry] = {}
    for number, place in enumerate(sorted(changed)):
        made = made_entry(
            configurations, number, store, index, study, state.source_hash, hashes[place]
        )
        if made.left_out or damaged or made.entry.header.provenance is None:
            return None
        entries[place] = made.entry
    return entries
