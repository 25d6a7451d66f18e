"""On what a figure was measured: processor, cores, versions, and whether it was idle."""

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any, Final

PACKAGES: Final = ("seedbed", "numpy", "torch", "keras", "tensorflow", "tensorflow-cpu")
BUSY: Final = 0.5
"""A load average above this, before a benchmark begins, means that others use the cores."""


def describe_machine() -> dict[str, Any]:
    """Return what a figure must be read with; call it before anything is measured."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "platform": platform.platform(),
        "load_before": round(os.getloadavg()[0], 2),
        "versions": {"python": platform.python_version(), **_versions()},
    }


def machine_lines(machine: dict[str, Any]) -> list[str]:
    """Return the description as lines of Markdown."""
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    lines = [
        f"Machine: {machine['processor']}, {machine['cores']} cores, {machine['platform']}.",
        f"Versions: {versions}.",
    ]
    if machine["load_before"] > BUSY:
        lines.append(
            f"**The machine was busy before this began (load average {machine['load_before']}): "
            "do not trust the times.** Two threads that share a step suffer more from it than two "
            "independent runs do."
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
