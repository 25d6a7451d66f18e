"""How time and memory grow with the store of a study: 1,000, 10,000 and 100,000 invented runs.

Each configuration has ten runs (:mod:`benchmarks.invented_store`); the last run is held back. Then
whole commands, each a process of its own, are measured on the same store:

- ``seedbed table`` for the first time: all files are read and verified, all summaries made. Only of
  1,000 runs; of more, the summary and the index are invented, too.
- ``seedbed table`` again: summary and index are there.
- ``seedbed table`` once the run that was held back is there: its configuration is summarized anew.
  What that takes is the difference from the line above.
- ``seedbed report``: the page is made.
- ``seedbed run`` with nothing to do: the page is there, and the index as ``seedbed run`` leaves it.
- ``seedbed table`` without the index, which is made again from the files.

Times are processor seconds, the memory is the peak. Files are not synchronized with the disk. With
``--stores DIR`` the stores are kept, and those that are there are used.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.invented_store import write_store, write_summary
from benchmarks.machine import describe_machine
from benchmarks.measured import table
from benchmarks.outcome import Outcome, finish, options
from seedbed.study.store.index import COARSE, INDEX, StudyIndex
from seedbed.study.store.names import REPORT, SUMMARY
from seedbed.study.store.study import StudyStore

RUNS: Final[tuple[int, ...]] = (1_000, 10_000, 100_000)
SEEDS: Final = 10
FIRST_UP_TO: Final = 1_000
FIRST, AGAIN, MORE, PAGE, NOTHING, WITHOUT = COLUMNS = (
    "table, for the first time",
    "table",
    "table after one more run",
    "report",
    "run, nothing to do",
    "table without the index",
)
COMMAND: Final = """
import json, os, resource, sys
os.fsync = lambda _: None
from seedbed.cli.main import main
sys.stdout = open(os.devnull, "w")
status = main(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_SELF)
unit = 2**20 if sys.platform == "darwin" else 2**10
seconds = used.ru_utime + used.ru_stime
print(json.dumps({"seconds": seconds, "mib": used.ru_maxrss / unit}), file=sys.stderr)
sys.exit(status)
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, draw and keep the result."""
    parser = options(__doc__, rounds=1)
    parser.add_argument("--quick", action="store_true", help="without the largest store")
    parser.add_argument("--stores", type=Path, help="folder of the stores")
    chosen = parser.parse_args(arguments)
    machine = describe_machine()
    counts = RUNS[: -1 if chosen.quick else None]
    with tempfile.TemporaryDirectory() as folder:
        measured = {
            runs: measure(runs, (chosen.stores or Path(folder)) / f"{runs}") for runs in counts
        }
    pages = ("", *(f"{of[PAGE]['megabytes']:.1f} MB" for of in measured.values()))
    blocks = [
        _table("processor seconds", measured, "seconds", "{:.2f}"),
        _table("peak memory, MiB", measured, "mib", "{:.0f}"),
        table(("the page", *(f"{runs:,} runs" for runs in measured)), [pages]),
        "![growth](stores.svg)",
        "How it is measured:\n\n" + (__doc__ or "").partition("\n\n")[2].strip(),
    ]
    values = {str(runs): of for runs, of in measured.items()}
    finish(Outcome("stores", "Large stores", machine, blocks, values), chosen.results)
    (chosen.results / "stores.svg").write_text(drawn(measured), encoding="utf-8")


def measure(runs: int, folder: Path) -> dict[str, dict[str, float]]:
    """Measure every command on a store of so many runs, made in a folder if it is not there."""
    results = {}
    study = folder / "study"
    if not study.exists():
        print(f"writing {runs:,} runs", file=sys.stderr)
        write_store(folder, runs // SEEDS, SEEDS)
    last = max((study / "runs").iterdir())
    aside = last.rename(folder / "aside")
    time.sleep(COARSE)  # the index keeps nothing of files that have just been written
    if runs <= FIRST_UP_TO:
        (study / SUMMARY).unlink(missing_ok=True)
        results[FIRST] = _timed("table", study)
    elif (study / SUMMARY).exists():
        _timed("table", study)  # without the run that is held back
    else:
        write_summary(StudyStore(study))
    results[AGAIN] = _timed("table", study)
    aside.rename(last)
    results[MORE] = _timed("table", study)
    results[PAGE] = _timed("report", study)
    results[PAGE]["megabytes"] = (study / REPORT).stat().st_size / 1e6
    _note_all(study)
    results[NOTHING] = _timed("run", study / "study.toml", "--out", study, "--quiet")
    (study / INDEX).unlink()
    results[WITHOUT] = _timed("table", study)
    return results


def _note_all(study: Path) -> None:
    """Leave an index as ``seedbed run`` does, which has read the runs that it trained."""
    index = StudyIndex(study)
    for run_id in index.names:
        index.note(run_id)
    index.write()


def _timed(*words: str | Path) -> dict[str, float]:
    print(*words, file=sys.stderr)
    command = [sys.executable, "-c", COMMAND, *map(str, words)]
    done = subprocess.run(command, check=True, stderr=subprocess.PIPE, text=True)
    values: dict[str, float] = json.loads(done.stderr.splitlines()[-1])
    return values


def _table(
    title: str, measured: dict[int, dict[str, dict[str, float]]], key: str, form: str
) -> str:
    rows = [
        (name, *(form.format(of[name][key]) if name in of else "–" for of in measured.values()))
        for name in COLUMNS
    ]
    return table((title, *(f"{runs:,} runs" for runs in measured)), rows)


def drawn(measured: dict[int, dict[str, dict[str, float]]]) -> str:
    """Return the times by the number of runs, as an SVG file; both axes are logarithmic."""
    import altair
    import vl_convert

    rows = [
        {"runs": runs, "processor seconds": of[name]["seconds"], "command": name}
        for runs, of in measured.items()
        for name in of
    ]
    x = altair.X("runs:Q", scale=altair.Scale(type="log"))
    y = altair.Y("processor seconds:Q", scale=altair.Scale(type="log"))
    data: Any = {"values": rows}
    chart: Any = altair.Chart(data).mark_line(point=True)
    chart = chart.encode(x=x, y=y, color=altair.Color("command:N", sort=list(COLUMNS)))
    return str(vl_convert.vegalite_to_svg(chart.to_json()))


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
