"""On what a figure was measured: processor, cores, versions, and whether it was idle."""

import os
import platform
import time
from importlib import metadata
from pathlib import Path
from typing import Any, Final

PACKAGES: Final = ("seedbed", "numpy", "torch", "keras", "tensorflow", "tensorflow-cpu")
BUSY: Final = 0.1
"""More cores than this in use before a benchmark begins means that others use them."""
SECONDS_WATCHED: Final = 2.0
_CLOCKS: Final = Path("/proc/stat")


def describe_machine() -> dict[str, Any]:
    """Return what a figure must be read with; call it before anything is measured."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "platform": platform.platform(),
        "cores_in_use_before": _cores_in_use(),
        "versions": {"python": platform.python_version(), **_versions()},
    }


def machine_lines(machine: dict[str, Any]) -> list[str]:
    """Return the description as lines of Markdown."""
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    lines = [
        f"Machine: {machine['processor']}, {machine['cores']} cores, {machine['platform']}.",
        f"Versions: {versions}.",
    ]
    in_use = machine["cores_in_use_before"]
    if in_use is not None and in_use > BUSY:
        lines.append(
            f"**The machine was busy before this began ({in_use} cores in use): do not trust "
            "the times.** Two threads that share a step suffer more from it than two independent "
            "runs do."
        )
    return lines


def _versions() -> dict[str, str]:
    installed = {}
    for name in PACKAGES:
        try:
            installed[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue  # an optional peer; the benchmark itself says that it was skipped
    return installed


def _cores_in_use() -> float | None:
    """Return how many cores were in use for a moment, by whomever; ``None`` if nobody counts.

    A load average would still count what we did ourselves a minute ago.
    """
    if not _CLOCKS.is_file():
        return None
    start, before = time.perf_counter(), _seconds_in_use()
    time.sleep(SECONDS_WATCHED)
    return round((_seconds_in_use() - before) / (time.perf_counter() - start), 2)


def _seconds_in_use() -> float:
    """Return the seconds that all cores have worked; what a hypervisor took away counts too."""
    _, user, nice, system, _, _, interrupts, soft_interrupts, stolen, *_ = (
        _CLOCKS.read_text().partition("\n")[0].split()
    )
    ticks = sum(map(int, (user, nice, system, interrupts, soft_interrupts, stolen)))
    return ticks / os.sysconf("SC_CLK_TCK")


def _processor() -> str:
    """Return model, family and L2 cache: in virtual machines the model's name often says little."""
    information = Path("/proc/cpuinfo")
    if not information.is_file():
        return platform.processor() or platform.machine()
    first = information.read_text(errors="replace").partition("\n\n")[0]
    fields = {
        name.strip(): value.strip()
        for name, _, value in (line.partition(":") for line in first.splitlines())
    }
    vector = [name for name in ("avx2", "avx512f") if name in fields.get("flags", "").split()]
    return (
        f"{fields.get('model name', platform.machine())} "
        f"(family {fields.get('cpu family', '?')}, model {fields.get('model', '?')}, "
        f"{fields.get('cache size', '?')} cache, {' '.join(vector) or 'no AVX2'})"
    )
