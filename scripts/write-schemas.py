#!/usr/bin/env python3
"""Write the JSON Schemas of the types that several languages share, from the types of the daemon.

    python scripts/write-schemas.py          write schemas/*.json
    python scripts/write-schemas.py --check  fail if they are not up to date

The types of the daemon are the source. Tests check the types of Rust, the command line and `index.d.ts` against the
schemas.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = ROOT / "schemas"
sys.path.insert(0, str(ROOT / "python-runtime" / "src"))

from ktx_daemon.errors import ErrorBody  # noqa: E402 - imported from the sources
from ktx_daemon.profile.requests import ProfileDatabase  # noqa: E402
from ktx_daemon.semantic.requests import GenerateSources  # noqa: E402
from ktx_daemon.warehouses.model.history import QueryHistory, Statement  # noqa: E402
from ktx_daemon.warehouses.model.profile import DatabaseProfile  # noqa: E402
from ktx_daemon.warehouses.model.rows import QueryResult  # noqa: E402
from ktx_daemon.warehouses.model.tables import Introspection  # noqa: E402
from semantic_layer.model.answers import CompiledQuery, Validation  # noqa: E402
from semantic_layer.model.models import Model, Source  # noqa: E402
from semantic_layer.model.queries import Query  # noqa: E402

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# The schemas of files of the semantic layer, which editors load. `src/project/schema.rs` writes the one of `ktx.yaml`.
SOURCE_FILE = "source.yaml"
METRICS_FILE = "metrics.yaml"
REQUESTS: dict[str, list[type]] = {
    "generate-sources": [GenerateSources],
    "profile-request": [ProfileDatabase],
    "semantic-query": [Query],
    "semantic-source": [Source],
}
# Types after the first are those that a database serialises to JSON itself.
RESPONSES: dict[str, list[type]] = {
    "compiled-query": [CompiledQuery],
    "error": [ErrorBody],
    "introspection": [Introspection],
    "profile": [DatabaseProfile],
    "query-history": [QueryHistory, Statement],
    "query-result": [QueryResult],
    "validation": [Validation],
}


def schema(types: list[type], *, is_response: bool) -> dict[str, Any]:
    """Return the schema of the first type, with its references below `$defs`."""
    (root, *_), components = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    if is_response:
        for struct in _structs(types):
            _require_written_fields(components[struct.__name__], struct)
    used = set(_references(root, components))
    definitions = {name: components[name] for name in sorted(used)}
    return {"$schema": DIALECT, **root, "$defs": definitions}


def source_file_schema() -> dict[str, Any]:
    """Return the schema of the files of semantic sources."""
    one_of = [{"required": [key], "properties": {key: {"type": "string"}}} for key in ("table", "sql")]
    return {**_file_schema(SOURCE_FILE, "Semantic source", Source), "oneOf": one_of}


def _file_schema(file: str, title: str, root: type) -> dict[str, Any]:
    """Return the schema of a file, with the address that editors load it from."""
    version = json.loads((ROOT / "package.json").read_text("utf-8"))["version"].rpartition(".")[0]
    head = {"$schema": DIALECT, "$id": f"https://unpkg.com/@kaelio/ktx@{version}/schemas/{file}.json"}
    return {**head, "title": title, **schema([root], is_response=False)}


def _structs(types: list[type]) -> Iterator[type[msgspec.Struct]]:
    """Yield the structs among the types and the types of their fields."""
    for info in msgspec.inspect.multi_type_info(types):
        yield from _structs_in(info)


def _structs_in(info: Any) -> Iterator[type[msgspec.Struct]]:
    if isinstance(info, msgspec.inspect.StructType):
        yield info.cls
        for field in info.fields:
            yield from _structs_in(field.type)
    elif isinstance(info, msgspec.inspect.UnionType):
        for option in info.types:
            yield from _structs_in(option)
    elif isinstance(info, msgspec.inspect.Metadata):
        yield from _structs_in(info.type)
    elif isinstance(info, msgspec.inspect.CollectionType):
        yield from _structs_in(info.item_type)


def _require_written_fields(component: dict[str, Any], struct: type[msgspec.Struct]) -> None:
    """Mark fields with defaults as required, as they are always written unless the type omits defaults."""
    if not struct.__struct_config__.omit_defaults:
        component["required"] = list(component["properties"])
    for field in component["properties"].values():
        if not struct.__struct_config__.omit_defaults:
            field.pop("default", None)


def _references(part: Any, components: dict[str, Any]) -> Iterator[str]:
    """Yield the names of all components that a part of a schema refers to, directly or indirectly."""
    if isinstance(part, dict):
        name = str(part.get("$ref", "")).rpartition("/")[2]
        if name:
            yield name
            yield from _references(components[name], components)
        for value in part.values():
            yield from _references(value, components)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value, components)


def render() -> dict[Path, str]:
    """Return the content of every file."""
    schemas = {name: schema(types, is_response=False) for name, types in REQUESTS.items()}
    schemas |= {name: schema(types, is_response=True) for name, types in RESPONSES.items()}
    schemas[SOURCE_FILE] = source_file_schema()
    schemas[METRICS_FILE] = _file_schema(METRICS_FILE, "Metrics and calendar", Model)
    return {SCHEMAS / f"{name}.json": json.dumps(content, indent=2) + "\n" for name, content in schemas.items()}


def _written_here() -> list[Path]:
    """Return the existing files of this script: all but the schemas of other YAML files."""
    other = [path for path in SCHEMAS.glob("*.yaml.json") if path.stem not in (SOURCE_FILE, METRICS_FILE)]
    return [path for path in SCHEMAS.glob("*.json") if path not in other]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare only")
    files = render()
    if parser.parse_args().check:
        existing = {path: path.read_text("utf-8") for path in _written_here()}
        stale = sorted(path.name for path in files.keys() | existing.keys() if files.get(path) != existing.get(path))
        if stale:
            sys.exit(f"Stale in schemas: {', '.join(stale)}. Run: python scripts/write-schemas.py")
        print(f"{len(files)} schemas are up to date")
        return
    SCHEMAS.mkdir(exist_ok=True)
    for path in _written_here():
        path.unlink()
    for path, text in files.items():
        path.write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
