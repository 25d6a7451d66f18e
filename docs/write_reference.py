"""Write ``docs/reference/``: every list of names in the documentation, from the code.

``make docs`` writes the pages, and ``tests/test_docs.py`` fails where they are out of date. The
text about a name is its docstring.
"""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from seedbed.core.named import Named

FOLDER: Final = Path(__file__).parent / "reference"
NOTE: Final = "<!-- Written by docs/write_reference.py (make docs); change the code instead. -->"


def pages() -> dict[str, str]:
    """Return every page of the reference: file name -> its text."""
    from_code: dict[str, Callable[[], Iterable[str]]] = {
        "commands.md": commands,
        "study-file.md": study_file,
        "recipe.md": recipe,
        "noise.md": noise,
        "losses.md": losses,
        "methods.md": methods,
        "layers.md": layers,
        "networks.md": networks,
        "tables.md": tables,
        "figures.md": figures,
        "files.md": files,
        "summary.md": summary,
        "datasets.md": datasets,
        "python.md": python,
    }
    return {name: "\n\n".join([NOTE, *blocks()]) + "\n" for name, blocks in from_code.items()}


# Pages


def commands() -> Iterable[str]:
    """Yield every command with its arguments."""
    import argparse
    import importlib

    from seedbed.cli.exit import STATUSES
    from seedbed.cli.main import COMMANDS

    yield "# Commands"
    yield _table(
        ("command", ""),
        ((f"[`seedbed {name}`](#seedbed-{name})", what) for name, what in COMMANDS.items()),
    )
    for name in COMMANDS:
        module = importlib.import_module(f"seedbed.cli.commands.{name}")
        parser = argparse.ArgumentParser(prog=f"seedbed {name}", add_help=False)
        module.configure(parser)
        yield f"## seedbed {name}"
        yield _paragraphs(module.__doc__)
        yield from _arguments(parser)
    yield "## Exit status"
    yield _table(("status", ""), STATUSES.items())


def study_file() -> Iterable[str]:
    """Yield the keys of a study file."""
    from seedbed.study.spec.configuration import DatasetSpec
    from seedbed.study.spec.study import StudyHeader, VariantHeader

    yield "# Study files"
    yield "The keys of a study file. [Study files](../study-file.md) explains them."
    yield _settings(StudyHeader)
    yield "## dataset"
    yield _settings(DatasetSpec)
    yield "## variants"
    yield _settings(VariantHeader)


def recipe() -> Iterable[str]:
    """Yield the settings of a recipe."""
    from seedbed.training.recipe import Augmentation, Recipe

    yield "# Recipes"
    yield "The settings of the `[recipe]` table and of `seedbed.Recipe`."
    yield _settings(Recipe)
    yield "## augmentation"
    yield _settings(Augmentation)


def noise() -> Iterable[str]:
    """Yield the settings of label noise."""
    from seedbed.noise.spec import NoiseSpec

    yield "# Label noise"
    yield "The settings of the `[noise]` table and of `seedbed.NoiseSpec`."
    yield _settings(NoiseSpec)


def losses() -> Iterable[str]:
    """Yield the losses."""
    from seedbed.training.losses.registry import LOSSES

    yield "# Losses"
    yield from _named(LOSSES)


def methods() -> Iterable[str]:
    """Yield the methods."""
    from seedbed.training.methods.registry import METHODS

    yield "# Methods"
    yield from _named(METHODS)


def _named(kinds: Mapping[str, type[Named]]) -> Iterable[str]:
    for name, kind in kinds.items():
        yield f"## {name}"
        yield _paragraphs(kind.__doc__)
        if set(_defaults(kind)) != {kind.key}:
            yield _settings(kind, without=(kind.key,))


def layers() -> Iterable[str]:
    """Yield the layers."""
    from seedbed.networks.layers import LAYERS

    yield "# Layers"
    yield "What networks are made of; each is public as `seedbed.NAME`."
    for name, kind in sorted(LAYERS.items()):
        yield f"## {name}"
        yield f"`{_signature(kind)}`"
        yield _paragraphs(kind.__doc__)


def networks() -> Iterable[str]:
    """Yield the networks that have a name."""
    from seedbed.networks.zoo import ZOO

    yield "# Networks"
    for name, builder in ZOO.items():
        yield f"## {name}"
        yield f"`{_signature(builder)}`"
        yield _paragraphs(builder.__doc__)


def tables() -> Iterable[str]:
    """Yield the tables."""
    from seedbed.analysis.registry import tables as registered
    from seedbed.report.frames import FRAMES

    yield "# Tables"
    yield "`seedbed table DIR NAME` and `seedbed.open(DIR).table(NAME)`."
    yield _table(("name", ""), ((f"`{name}`", each.title) for name, each in registered().items()))
    yield "The [data frames](../frames.md) of a study: `seedbed table DIR NAME` and methods."
    yield _table(("name", ""), ((f"`{name}`", what) for name, what in FRAMES.items()))


def figures() -> Iterable[str]:
    """Yield the charts."""
    from seedbed.analysis.registry import charts, pictures

    yield "# Figures"
    yield "`seedbed figures DIR NAME`."
    yield _table(
        ("name", "", "of each configuration"),
        (
            (f"`{name}`", each.description, "yes" if each.per_configuration else "")
            for name, each in charts().items()
        ),
    )
    yield "Images and diagrams, of each configuration or network:"
    yield _table(
        ("name", ""), ((f"`{name}`", each.description) for name, each in pictures().items())
    )


def files() -> Iterable[str]:
    """Yield the files of a run."""
    from seedbed.study.store import record
    from seedbed.training.engine import EpochRecord

    yield "# Files of a run"
    yield "## run.json"
    yield _fields(record.RunRecord)
    for name, kind in vars(record).items():
        part_of_it = inspect.isclass(kind) and issubclass(kind, BaseModel) and name[0] != "_"
        if part_of_it and kind.__module__ == record.__name__ and kind is not record.RunRecord:
            yield f"### {name}"
            yield _paragraphs(kind.__doc__)
            yield _fields(kind)
    yield "## history.jsonl"
    yield _paragraphs(EpochRecord.__doc__)
    yield _fields(EpochRecord)


def summary() -> Iterable[str]:
    """Yield the keys of an entry of ``summary.json``."""
    from seedbed.analysis.entry import Header
    from seedbed.analysis.registry import analyses

    yield "# summary.json"
    yield (
        "`entries` is a list with an object for each configuration, a line each. `format`, "
        "`source_hash` and `study`, which they share, stand beside it, as does `checksum`, that of "
        "the file ([checksums](../results-files.md#checksums)). Fractions are from 0 to 1; what is "
        "not defined is `null`. [summary.schema.json](../summary.schema.json) is its JSON Schema."
    )
    yield _fields(Header)
    for each in analyses():
        if each.result is not None:
            yield f"## {each.name}"
            yield _paragraphs(each.result.__doc__)
            yield _fields(each.result)


def datasets() -> Iterable[str]:
    """Yield the published datasets."""
    from seedbed.data.catalog import CATALOG

    yield "# Datasets"
    yield _table(("name",), ((f"`{name}`",) for name in CATALOG))


def python() -> Iterable[str]:
    """Yield the public names."""
    import seedbed

    yield "# Python"
    yield "The public names, `seedbed.NAME`."
    names = [name for name in dir(seedbed) if not name.startswith("__")]
    docs = [_first_line(getattr(seedbed, name).__doc__) for name in names]
    yield _table(("name", ""), zip((f"`{name}`" for name in names), docs, strict=True))


# Tables of fields and settings


def _settings(model: type[Any], without: Iterable[str] = ()) -> str:
    documented, hints = _attributes(model), get_type_hints(model, include_extras=False)
    rows = [
        (f"`{name}`", _choices(hints[name]), default, documented.get(name, ""))
        for name, default in _defaults(model).items()
        if name not in without
    ]
    return _table(("setting", "values", "default", ""), rows)


def _choices(hint: Any) -> str:
    """Return what a setting can be: its choices, or its type in a word."""
    if get_origin(hint) is Literal:
        return ", ".join(f'`"{each}"`' for each in get_args(hint))
    kinds = [each for each in (get_args(hint) or (hint,)) if each is not type(None)]
    words = {int: "whole number", float: "number", bool: "true or false", str: "text"}
    return words.get(kinds[0] if len(kinds) == 1 else hint, "")


def _fields(kind: type[Any]) -> str:
    documented = _attributes(kind)
    names = _defaults(kind)
    return _table(("key", ""), ((f"`{name}`", documented.get(name, "")) for name in names))


def _defaults(kind: type[Any]) -> dict[str, str]:
    """Return the default of every field, as it is written in a study file."""
    found: dict[str, Any] = {}
    if issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            found[name] = MISSING if field.default is PydanticUndefined else field.default
    elif issubclass(kind, msgspec.Struct):
        for each in msgspec.structs.fields(kind):
            found[each.name] = MISSING if each.default is msgspec.NODEFAULT else each.default
    elif is_dataclass(kind):
        for item in fields(kind):
            found[item.name] = item.default
    return {name: _value(value) for name, value in found.items()}


def _value(value: object) -> str:
    if value is MISSING or value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'`"{value}"`'
    if isinstance(value, int | float):
        return f"{value:g}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_value, value))}]"
    return ""


def _attributes(kind: type[Any]) -> dict[str, str]:
    """Return the docstrings that stand behind the fields of a class and of its bases."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if not base.__module__.startswith("seedbed."):
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0]
        assert isinstance(body, ast.ClassDef)
        for before, after in zip(body.body, body.body[1:], strict=False):
            if (
                isinstance(before, ast.AnnAssign)
                and isinstance(before.target, ast.Name)
                and isinstance(after, ast.Expr)
                and isinstance(after.value, ast.Constant)
                and isinstance(after.value.value, str)
            ):
                found[before.target.id] = _markdown(after.value.value)
    return found


# Text


def _arguments(parser: Any) -> Iterable[str]:
    rows = []
    for action in parser._actions:  # noqa: SLF001 - argparse has no public list of them
        names = ", ".join(f"`{each}`" for each in action.option_strings)
        shown = names or f"`{action.metavar or action.dest}`"
        rows.append((shown, action.help or ""))
    if rows:
        yield _table(("argument", ""), rows)


def _signature(kind: Callable[..., Any]) -> str:
    parameters = []
    for each in inspect.signature(kind).parameters.values():
        default = "" if each.default is inspect.Parameter.empty else f"={each.default!r}"
        parameters.append(f"{each.name}{default}")
    return f"{kind.__name__}({', '.join(parameters)})"


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(header)} |", f"|{'|'.join('---' for _ in header)}|"]
    lines += [f"| {' | '.join(_cell(each) for each in row)} |" for row in rows]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


def _paragraphs(docstring: str | None) -> str:
    """Return what a docstring says, up to its sections for programmers."""
    text = inspect.cleandoc(docstring or "")
    text = re.split(r"^(?:Raises|Returns|Yields):$", text, flags=re.MULTILINE)[0]
    text = re.sub(r"^Args:\n", "", text, flags=re.MULTILINE)
    return re.sub(r"^ {4}(\w+): ", r"- `\1`: ", _markdown(text).strip(), flags=re.MULTILINE)


def _first_line(docstring: str | None) -> str:
    return _markdown(inspect.cleandoc(docstring or "").partition("\n\n")[0])


def _markdown(text: str) -> str:
    """Turn reStructuredText's literals and roles into Markdown's."""
    text = re.sub(r":\w+:`~?(?:[\w.]+\.)?([\w.]+)`", r"`\1`", text)
    return text.replace("``", "`")


def main() -> int:
    """Write the pages."""
    FOLDER.mkdir(exist_ok=True)
    written: Mapping[str, str] = pages()
    for old in FOLDER.glob("*.md"):
        if old.name not in written:
            old.unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
