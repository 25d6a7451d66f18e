"""How long the report of a large study takes to write, and to open in a browser.

The study is stored as a real one is: 40 configurations with five runs of 20 epochs each on MNIST,
with its own test images, but invented logits (``benchmarks/invented.py``), and its summary exists.

*Written* is ``seedbed report DIR`` in a process of its own, from its creation to its end;
*processor seconds* are what it worked, which a busy machine changes less. *Opened* is from the
beginning of the navigation to the moment when the page has been loaded and every chart in view has
been drawn, in a window of 1440×900 pixels of headless Chromium without a GPU, each time in a fresh
profile. *Scrolled* is the page from top to bottom, half a window a frame: the time between two
frames. A first round is thrown away. *Length* is the height of the whole page in that window, once
every chart has been drawn; ``--study DIR`` measures another study, such as a grid of 2 × 2.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.invented import InventedEngine
from benchmarks.large_study import STUDY
from benchmarks.machine import describe_machine
from benchmarks.measured import Measured, table
from benchmarks.outcome import Outcome, finish, options
from seedbed.analysis.summary.study import refresh_summary
from seedbed.execution.driver import execute
from seedbed.execution.local import LocalExecutor
from seedbed.execution.progress import QuietMonitor
from seedbed.study.loaded import LoadedStudy
from seedbed.study.spec.reader import parse_study
from seedbed.study.store.study import StudyStore

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ON_MNIST: Final = STUDY.replace('{ path = "images.npz" }', '"mnist"')
REPORT: Final = "report.html"
WINDOW: Final = {"width": 1440, "height": 900}
SECONDS_TO_OPEN: Final = 60


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the result."""
    parser = options(__doc__, rounds=5)
    parser.add_argument("--study", type=Path, help="a stored study with a summary, instead")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        if chosen.study:
            study = chosen.study
        else:
            print("inventing the study", file=sys.stderr)
            study = write_study(Path(folder) / "forty")
        machine = describe_machine()
        report = Path(folder) / REPORT
        seconds, worked, mebibytes = _write(study, report, chosen.rounds)
        size = report.stat().st_size / 1e6
        opened, frames, slowest, length = _open(report, chosen.rounds)
    rows = [
        ("written, seconds", seconds.text(1)),
        ("processor seconds", worked.text(1)),
        ("peak memory, MiB", mebibytes.text(0)),
        ("size, MB", f"{size:.2f}"),
        ("opened, seconds", opened.text(2)),
        ("scrolled, median milliseconds a frame", frames.text(0)),
        ("scrolled, slowest frame, milliseconds", slowest.text(0)),
        ("length at a width of 1,440 pixels, pixels", length.text(0)),
    ]
    blocks = [
        f"n = {chosen.rounds} rounds; median (lowest–highest).",
        table(("40 configurations × 5 runs on MNIST", ""), rows),
        "How it is measured:\n\n" + (__doc__ or "").partition("\n\n")[2].strip(),
    ]
    values = {
        "written_seconds": seconds.to_dict(),
        "processor_seconds": worked.to_dict(),
        "peak_mebibytes": mebibytes.to_dict(),
        "megabytes": size,
        "opened_seconds": opened.to_dict(),
        "median_frame_milliseconds": frames.to_dict(),
        "slowest_frame_milliseconds": slowest.to_dict(),
        "length_pixels": length.to_dict(),
    }
    finish(Outcome("report_page", "The report", machine, blocks, values), chosen.results)


def write_study(folder: Path) -> Path:
    """Store the study, with its summary; return its folder."""
    store = StudyStore(folder)
    study = LoadedStudy.load(parse_study(ON_MNIST, "forty.toml"))
    execute(
        study, store, LocalExecutor(InventedEngine(), study.datasets, threads=1), QuietMonitor()
    )
    refresh_summary(folder)
    return folder


def _write(study: Path, report: Path, rounds: int) -> tuple[Measured, Measured, Measured]:
    """Return seconds, processor seconds, and the peak resident memory in MiB."""
    command = [str(Path(sys.executable).with_name("seedbed")), "report", str(study)]
    seconds, worked, mebibytes = [], [], []
    for turn in range(rounds + 1):
        print(f"write {turn} of {rounds}" if turn else "warming up", file=sys.stderr)
        start = time.perf_counter()
        process = subprocess.Popen(
            [*command, "--out", str(report)], stdout=subprocess.DEVNULL, start_new_session=True
        )
        # Not process.wait(), which would take the usage along.
        _, status, usage = os.wait4(process.pid, 0)
        taken = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} has ended with {process.returncode}")
        if turn > 0:
            seconds.append(taken)
            worked.append(usage.ru_utime + usage.ru_stime)
            mebibytes.append(usage.ru_maxrss / 1024)
    return Measured(tuple(seconds)), Measured(tuple(worked)), Measured(tuple(mebibytes))


def _open(report: Path, rounds: int) -> tuple[Measured, Measured, Measured, Measured]:
    """Return seconds to open, median and slowest frame while scrolling in ms, and the length."""
    from playwright.sync_api import sync_playwright  # after the report: it is for the browser only

    opened, medians, slowest, lengths = [], [], [], []
    with sync_playwright() as playwright:
        for turn in range(rounds + 1):
            print(f"open {turn} of {rounds}" if turn else "warming up", file=sys.stderr)
            browser = _launch(playwright)
            page = browser.new_page(viewport=WINDOW)  # type: ignore[arg-type]
            seconds = _seconds_to_open(page, report)
            frames = sorted(page.evaluate(_SCROLL))
            page.wait_for_function(_ALL_DRAWN, timeout=1000 * SECONDS_TO_OPEN)
            length = page.evaluate("document.documentElement.scrollHeight")
            browser.close()
            if turn > 0:
                opened.append(seconds)
                medians.append(frames[len(frames) // 2])
                slowest.append(frames[-1])
                lengths.append(float(length))
    return (
        Measured(tuple(opened)),
        Measured(tuple(medians)),
        Measured(tuple(slowest)),
        Measured(tuple(lengths)),
    )


def _launch(playwright: Any) -> "Browser":
    executable = shutil.which("chromium")
    if executable is None:
        raise SystemExit("there is no Chromium; on Debian: apt-get install chromium")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    browser: Browser = playwright.chromium.launch(executable_path=executable, args=arguments)
    return browser


def _seconds_to_open(page: "Page", report: Path) -> float:
    page.goto("about:blank")
    start = time.perf_counter()
    page.goto(report.resolve().as_uri())
    page.wait_for_function(_DRAWN, timeout=1000 * SECONDS_TO_OPEN)
    return time.perf_counter() - start


_DRAWN = """() => [...document.querySelectorAll('figure[data-chart]')].every(each => {
    const box = each.getBoundingClientRect();
    const seen = each.checkVisibility() && box.width > 0 && box.bottom > 0
        && box.top < innerHeight;
    return !seen || each.dataset.drawn === 'true';
})"""

_ALL_DRAWN = """() => [...document.querySelectorAll('figure[data-chart]')].every(
    each => !each.checkVisibility() || each.dataset.drawn === 'true')"""

_SCROLL = """() => new Promise(resolve => {
    const frames = [];
    let last = null;
    const step = now => {
        if (last !== null) frames.push(now - last);
        last = now;
        const before = scrollY;
        scrollBy({top: innerHeight / 2, behavior: 'instant'});
        if (scrollY > before) requestAnimationFrame(step); else resolve(frames);
    };
    requestAnimationFrame(step);
})"""


if __name__ == "__main__":
    main()
