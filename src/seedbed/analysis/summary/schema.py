"""The JSON Schema of ``summary.json``, made from the header and the results of all analyses.

``python -m seedbed.analysis.summary.schema`` writes it; ``docs/summary.schema.json`` is what it
writes, and a test holds that.
"""

import ast
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import inspect as types

from seedbed.analysis.entry import Header
from seedbed.analysis.registry import analyses
from seedbed.analysis.summary_file import SHARED

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def summary_schema() -> dict[str, Any]:
    """Return the schema; the docstrings of structs and fields are its descriptions."""
    results = [of.result for of in analyses() if of.result is not None]
    structs = _all_structs([Header, *results])
    _, components = msgspec.json.schema_components(structs, ref_template="#/$defs/{name}")
    for struct in structs:
        component = components[struct.__name__]
        component["description"] = _plain(component["description"])
        for name, text in _field_docs(struct).items():
            component["properties"][name]["description"] = text
    properties = dict(components.pop(Header.__name__)["properties"])
    for result in results:
        # An entry holds the fields of a result, and null where there is none.
        for name, schema in components.pop(result.__name__)["properties"].items():
            properties[name] = _or_null(schema)
    shared = {name: properties.pop(name) for name in SHARED}
    return {
        "$schema": DIALECT,
        "title": "summary.json of a Seedbed study",
        "type": "object",
        "properties": {
            "checksum": {
                "type": "string",
                "description": "The SHA-256 of the file with these 64 digits replaced by zeros.",
            },
            **shared,
            "entries": {
                "type": "array",
                "description": "An entry for each configuration, in the order of the study.",
                "items": {"type": "object", "properties": properties, "required": list(properties)},
            },
        },
        "required": ["checksum", *shared, "entries"],
        "$defs": components,
    }


def schema_text() -> str:
    """Return the schema as the contents of its file."""
    return json.dumps(summary_schema(), indent=2, ensure_ascii=False) + "\n"


def _or_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    if any(option == {"type": "null"} for option in schema.get("anyOf", ())):
        return dict(schema)
    described = {key: value for key, value in schema.items() if key in ("description", "default")}
    plain = {key: value for key, value in schema.items() if key not in described}
    return {"anyOf": [plain, {"type": "null"}], **described}


def _all_structs(roots: list[type[msgspec.Struct]]) -> list[type[msgspec.Struct]]:
    """Return these structs and all that their fields hold, each once."""
    structs: dict[type[msgspec.Struct], None] = {}
    pending = list(roots)
    while pending:
        struct = pending.pop(0)
        if struct not in structs:
            structs[struct] = None
            info = types.type_info(struct)
            assert isinstance(info, types.StructType)
            for field in info.fields:
                pending += _structs_in(field.type)
    return list(structs)


def _structs_in(of: types.Type) -> Iterator[type[msgspec.Struct]]:
    match of:
        case types.StructType():
            yield of.cls
        case types.UnionType():
            for option in of.types:
                yield from _structs_in(option)
        case types.VarTupleType() | types.ListType():
            yield from _structs_in(of.item_type)
        case types.TupleType():
            for item in of.item_types:
                yield from _structs_in(item)
        case types.DictType():
            yield from _structs_in(of.value_type)
        case _:
            return


def _field_docs(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Return the docstrings below the fields of a struct, by the name that a file has for each."""
    names = {field.name: field.encode_name for field in msgspec.structs.fields(struct)}
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(struct))).body
    assert isinstance(definition, ast.ClassDef)
    docs = {}
    for field, below in zip(definition.body, definition.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr):
            assert isinstance(field.target, ast.Name)
            text = ast.literal_eval(below.value)
            docs[names[field.target.id]] = _plain(text)
    return docs


def _plain(text: str) -> str:
    """Return a docstring without the markup of Sphinx, in the words of JSON."""
    text = " ".join(inspect.cleandoc(text).split()).replace("``None``", "null")
    return re.sub(r":\w+:`([^`]*)`|``([^`]*)``", lambda match: match[1] or match[2], text)


if __name__ == "__main__":
    sys.stdout.write(schema_text())
