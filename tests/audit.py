"""Look up the pinned versions among known vulnerabilities: ``make audit-dependencies``.

Exits with 1 where one of them is known to be vulnerable. Where the source of advisories (PyPI, or
OSV with ``--service osv``) cannot be reached, a line says so and nothing is claimed.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

CONSTRAINTS = Path(__file__).parents[1] / "constraints.txt"
SECONDS = 300


def main(arguments: list[str] | None = None) -> int:
    """Ask pip-audit, and say what it found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--service", default="pypi", choices=("pypi", "osv"))
    service = parser.parse_args(arguments).service
    command = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--format=json"]
    command += ["--progress-spinner=off", f"--vulnerability-service={service}"]
    command += ["--requirement", str(CONSTRAINTS)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        print(f"skipped: {service} did not answer within {SECONDS} s")  # noqa: T201
        return 0
    lines, status = report(done.stdout, done.stderr, service)
    print("\n".join(lines))  # noqa: T201
    return status


def report(out: str, err: str, service: str) -> tuple[list[str], int]:
    """Return what to say of pip-audit's output, and the exit status."""
    try:
        packages: list[dict[str, Any]] = json.loads(out)["dependencies"]
    except (ValueError, KeyError):
        last = (err.strip().splitlines() or ["it said nothing"])[-1]
        return [f"skipped: {service} could not be asked: {last}"], 0
    audited = [package for package in packages if "vulns" in package]
    if not audited:
        return [f"skipped: {service} knows none of the {len(packages)} packages from here"], 0
    lines = [
        f"{package['name']} {package['version']}: {flaw['id']}, fixed in "
        f"{', '.join(flaw['fix_versions']) or 'no version yet'}"
        for package in audited
        for flaw in package["vulns"]
    ]
    found = len(lines)
    unknown = [package["name"] for package in packages if "vulns" not in package]
    lines.append(f"{len(audited)} packages looked up, {found} known vulnerabilities")
    if unknown:
        lines.append(f"not looked up: {', '.join(unknown)}")
    return lines, int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
