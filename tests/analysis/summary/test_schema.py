"""The JSON Schema of summary.json: that the docs have it, and that it describes real summaries."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from made_entries import made_entries, made_entry
from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import fields
from seedbed.analysis.summary.schema import schema_text, summary_schema
from seedbed.analysis.summary_file import write_summary

FILE = Path(__file__).parents[3] / "docs" / "summary.schema.json"


def test_the_docs_have_it() -> None:
    assert FILE.read_text(encoding="utf-8") == schema_text(), (
        "python -m seedbed.analysis.summary.schema > docs/summary.schema.json"
    )


def test_it_describes_the_fields_of_every_analysis() -> None:
    properties = summary_schema()["properties"]["entries"]["items"]["properties"]
    assert set(fields()) <= set(properties)
    assert properties["n"]["description"] == "Finished runs."
    assert {"type": "null"} in properties["confusion"]["anyOf"]


@pytest.mark.parametrize(
    "entries", [made_entries("a", "b"), [made_entry(runs=1)], [made_entry(runs=0)]]
)
def test_summaries_are_valid(entries: list[Entry], tmp_path: Path) -> None:
    jsonschema = import_module("jsonschema")  # comes with Altair; it has no types
    schema: dict[str, Any] = summary_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    write_summary(tmp_path, entries)
    jsonschema.validate(json.loads((tmp_path / "summary.json").read_bytes()), schema)
