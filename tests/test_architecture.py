"""The house keeps its order: imports go up the list of rooms, nothing climbs back, nothing circles.

``docs/architecture.md`` says what the rooms are for.
"""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "seedbed"

ROOMS = (
    "core",
    "display",
    "data",
    "noise",
    "networks",
    "training",
    "engines",
    "study",
    "execution",
    "analysis",
    "report",
    "label_errors",
    "tuning",
    "workflow",
    "cli",
    "__main__",
    "__init__",
)
"""A file imports from its own room and from those before it. ``seedbed/__init__.py`` comes last: it
lists the API, and no other file needs it."""

FLOORS = {
    "core": ("errors", "suggestions", "files", "settings", "named", "seeds"),
    "data": ("reading", "images", "readers", "splits", "download", "catalog"),
    "noise": ("transition", "human", "spec", "labels"),
    "networks": ("shapes", "initialization", "layers", "network", "zoo", "user_module", "cost"),
    "training": (
        "losses",
        "methods",
        "recipe",
        "schedule",
        "batches",
        "splits",
        "engine",
        "weights",
        "evaluation",
        "run",
    ),
    "engines": ("scheduler", "native", "torch", "registry"),
    "study": ("spec", "plan", "loaded", "store"),
    "report": ("renderers", "pictures", "page", "methods", "documents"),
}
"""The order inside a room, of the files that carry it; any other file only must not circle."""

HEAVY = {
    "altair",
    "fastapi",
    "flask",
    "numpy",
    "PIL",
    "pandas",
    "polars",
    "pyarrow",
    "pydantic",
    "ray",
    "rich",
    "scipy",
    "sklearn",
    "starlette",
    "tensorflow",
    "torch",
    "uvicorn",
}
"""What ``import seedbed`` must not bring along."""


def module_name(file: Path, package: Path) -> str:
    parts = file.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(file: Path, package: Path) -> Iterator[str]:
    """Yield every module of the package that ``file`` imports, wherever the import stands."""
    own = module_name(file, package)
    parent = own if file.stem == "__init__" else own.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), parent)
            inside = package.parent.joinpath(*source.split("."))
            # `from seedbed.data import images` imports a module, `... import CHANNELS` does not.
            names = [
                f"{source}.{alias.name}"
                if (inside / alias.name).is_dir() or (inside / f"{alias.name}.py").is_file()
                else source
                for alias in node.names
            ]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] == package.name)


def violations(package: Path) -> list[str]:
    """Say of every import that goes down the list, and of every circle, what is wrong with it."""
    found = []
    graph: dict[str, set[str]] = {}
    for file in sorted(package.rglob("*.py")):
        importer = module_name(file, package)
        for imported in imports(file, package):
            if imported != importer:
                graph.setdefault(importer, set()).add(imported)
            problem = _wrong_way(importer.split(".")[1:], imported.split(".")[1:])
            if problem:
                found.append(f"{importer} imports {imported}: {problem}")
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found.append("in a circle: " + " → ".join(reversed(error.args[1])))
    return found


def _wrong_way(importer: list[str], imported: list[str]) -> str:
    room, source = (path[0] if path else "__init__" for path in (importer, imported))
    for name in (room, source):
        if name not in ROOMS:
            return f"{name} is no room of the house"
    if ROOMS.index(source) > ROOMS.index(room):
        return f"{source} is below {room}"
    floors = FLOORS.get(room, ())
    if room == source and len(importer) > 1 and len(imported) > 1:
        floor, below = importer[1], imported[1]
        if floor in floors and below in floors and floors.index(below) > floors.index(floor):
            return f"{below} is below {floor} in {room}"
    return ""


def test_imports_only_go_up() -> None:
    assert violations(PACKAGE) == []


def test_every_room_and_floor_is_there() -> None:
    paths = [PACKAGE / room for room in ROOMS]
    paths += [PACKAGE / room / floor for room, floors in FLOORS.items() for floor in floors]
    assert [
        path for path in paths if not (path.is_dir() or path.with_suffix(".py").is_file())
    ] == []


@pytest.mark.parametrize(
    ("file", "line", "complaint"),
    [
        ("data/images.py", "from seedbed.training.recipe import Recipe", "training is below data"),
        ("data/images.py", "import seedbed.cli.main", "cli is below data"),
        ("data/images.py", "from ..training import recipe", "training is below data"),
        ("data/images.py", "def late():\n    from seedbed.study import store", "study is below"),
        ("data/images.py", "from seedbed import training", "training is below data"),
        ("data/images.py", "from seedbed import __version__", "__init__ is below data"),
        ("core/errors.py", "from seedbed.core import seeds", "seeds is below errors"),
        ("training/recipe.py", "from seedbed.training import run", "run is below recipe"),
        ("training/recipe.py", "from .engine import Engine", "engine is below recipe"),
        ("data/images.py", "from seedbed.data.readers.idx import read", "readers is below images"),
        ("cellar/wine.py", "import seedbed.core.errors", "cellar is no room of the house"),
        ("study/one.py", "import seedbed.study.two", "in a circle: seedbed.study.one"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, file: str, line: str, complaint: str) -> None:
    package = tmp_path / "seedbed"
    planted = {
        "core/errors.py": "",
        "core/seeds.py": "",
        "data/images.py": "import seedbed.core.errors\nfrom seedbed.core import seeds",
        "training/recipe.py": "from seedbed.data import images",
        "training/run.py": "from . import recipe",
        "study/one.py": "",
        "study/two.py": "import seedbed.study.one",
        "__init__.py": "from seedbed.training.run import train",
    }
    _write(package, planted)
    assert violations(package) == []
    _write(package, {file: line})
    assert [each for each in violations(package) if complaint in each]


def _write(package: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_files_are_short_and_folders_hold_few() -> None:
    files = sorted(PACKAGE.rglob("*.py"))
    lines = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    assert median(lines.values()) < 150
    assert [file for file, count in lines.items() if count > 400] == []
    folders = Counter(file.parent for file in files)
    assert [folder for folder, count in folders.items() if count > 15] == []


def test_importing_seedbed_imports_nothing_heavy() -> None:
    program = (
        "import sys; before = set(sys.modules); import seedbed; "
        "print(*{name.split('.')[0] for name in set(sys.modules) - before})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    imported = set(done.stdout.split())
    assert "seedbed" in imported
    assert not imported & HEAVY


def test_the_readme_captions_every_folder() -> None:
    git = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if git.returncode:
        pytest.skip("only a git checkout knows which folders belong to the project")
    tracked = [name.split("/") for name in git.stdout.splitlines()]
    folders = {f"{path[0]}/" for path in tracked if len(path) > 1}
    folders |= {
        f"src/seedbed/{path[2]}/" for path in tracked if path[:2] == ["src", "seedbed"] and path[3:]
    }
    captions = {}
    for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 2 and cells[0].startswith("`") and cells[0].endswith("/`"):
            captions[cells[0].strip("`")] = cells[1]
    assert set(captions) == folders
    assert all(captions.values())
