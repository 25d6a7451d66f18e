"""The documentation says what the code is: its lists, its commands and its examples."""

import ast
import importlib.util
import re
import shlex
from argparse import ArgumentParser
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import seedbed
from seedbed.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs" / "write_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _blocks(language: str) -> Iterator[tuple[str, str]]:
    """Yield the code blocks of all pages in a language, with the page that each is in."""
    for file in PAGES:
        text = file.read_text(encoding="utf-8")
        for block in re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            yield file.name, block


def test_the_reference_is_that_of_the_code() -> None:
    folder = ROOT / "docs" / "reference"
    expected = _generator().pages()
    stored = {page.name: page.read_text(encoding="utf-8") for page in folder.glob("*.md")}
    assert stored == expected, "run: make docs"


def _commands() -> Iterator[tuple[str, str]]:
    """Yield every command of the pages: in blocks and in the text."""
    for page, block in _blocks(""):
        for line in re.sub(r"\\?\n +", " ", block).splitlines():
            command = line.split("  #")[0].strip()
            if command.startswith("seedbed "):
                yield page, command
    for file in PAGES:
        for command in re.findall(r"`(seedbed [a-z][^`]*)`", file.read_text(encoding="utf-8")):
            yield file.name, command


@pytest.mark.parametrize(
    ("page", "command"), [pytest.param(*each, id=": ".join(each)) for each in _commands()]
)
def test_every_command_of_the_pages_can_be_typed(page: str, command: str) -> None:
    name, *arguments = shlex.split(command)[1:]
    parser = ArgumentParser(exit_on_error=False)
    assert name in COMMANDS
    import_module(f"seedbed.cli.commands.{name}").configure(parser)
    known = {option for action in parser._actions for option in action.option_strings}
    assert set(re.findall(r"(?<![\w-])--[a-z-]+", command)) - known == set()
    synopsis = re.search(r"[\[\]|]|\b(?:N|CM|DIR|W)\b", command)
    if page == "README.md" and not synopsis and len(arguments) > 1:
        parser.parse_args(arguments)


@pytest.mark.parametrize(
    ("page", "block"),
    [pytest.param(*each, id=f"{each[0]}-{i}") for i, each in enumerate(_blocks("python"))],
)
def test_python_examples_use_public_names(page: str, block: str) -> None:
    for node in ast.walk(ast.parse(block)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "seedbed":
                assert node.attr in dir(seedbed), f"seedbed.{node.attr} in {page}"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("seedbed."):
            pytest.fail(f"{page} imports from {node.module}, which is private")


def test_the_examples_of_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The study file and the Python lines, on the digits and for one epoch."""
    monkeypatch.chdir(tmp_path)
    (study,) = [block for page, block in _blocks("toml") if page == "README.md"]
    (lines,) = [block for page, block in _blocks("python") if page == "README.md"]
    for was, now in {
        '"mnist"': '"digits"',
        "epochs = 15": "epochs = 1",
        "epochs=5": "epochs=1",
    }.items():
        study, lines = study.replace(was, now), lines.replace(was, now)
    Path("mine.toml").write_text(study.replace("seeds = 5", "seeds = 2"), encoding="utf-8")
    exec(compile(lines.replace("seeds=10", "seeds=2"), "README.md", "exec"), {})
    assert Path("studies/mine/report.html").exists()
