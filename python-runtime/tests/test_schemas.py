"""Schemas of shapes that several languages share, compared with real responses."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import msgspec
import pytest

from ktx_daemon.error_codes import ErrorCode
from ktx_daemon.errors import ErrorBody
from ktx_daemon.warehouses.model.profile import DatabaseProfile
from ktx_daemon.warehouses.model.rows import QueryResult
from ktx_daemon.warehouses.model.tables import Introspection, Table
from tests.daemon import Daemon
from tests.introspection import introspect
from tests.semantic.databases import DIALECTS

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the script that writes schemas, with a temporary folder and the argument `--check`."""
    spec = importlib.util.spec_from_file_location("write_schemas", ROOT / "scripts" / "write-schemas.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.syspath_prepend(str(ROOT))  # undoes the script's changes of sys.path
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "SCHEMAS", tmp_path / "schemas")
    monkeypatch.setattr("sys.argv", ["write-schemas.py"])
    module.main()
    monkeypatch.setattr("sys.argv", ["write-schemas.py", "--check"])
    return module


def test_check_passes_for_current_files(script: ModuleType) -> None:
    script.main()


@pytest.mark.parametrize("change", ["edited", "missing", "superfluous"])
def test_check_fails_for_a_stale_file(script: ModuleType, change: str) -> None:
    source = script.SCHEMAS / "semantic-source.json"
    if change == "edited":
        source.write_text(source.read_text("utf-8").replace('"grain"', '"key"'), "utf-8")
    elif change == "missing":
        source.unlink()
    else:
        (script.SCHEMAS / "other.json").write_text("{}", "utf-8")
    with pytest.raises(SystemExit, match=r"Stale in schemas: .*Run: "):
        script.main()


def test_fields_that_are_always_written_are_required(script: ModuleType) -> None:
    parts = script.schema([Introspection], is_response=True)["$defs"]
    required = {name: part["required"] for name, part in parts.items()}
    assert required["Table"] == [field.name for field in msgspec.structs.fields(Table)]
    assert "warnings" not in required["Introspection"]
    assert "position" not in required["ForeignKey"]


def _round_trip(answer: Any, answer_type: Any) -> Any:
    """Decode as the type and encode again, which shows missing and additional keys."""
    typed = msgspec.json.decode(msgspec.json.encode(answer), type=answer_type)
    return msgspec.json.decode(msgspec.json.encode(typed))


@pytest.mark.parametrize("driver", DIALECTS)
def test_responses_of_databases_have_the_shape_of_the_types(daemon: Daemon, urls: dict[str, str], driver: str) -> None:
    options: dict[str, Any] = {"schemas": ["information_schema"]} if driver in ("postgres", "mysql") else {}
    found = introspect(daemon, driver, urls[driver], **options)
    assert bool(found["tables"]) == bool(options)
    assert _round_trip(found, Introspection) == found
    query = {"connection_id": "c", "driver": driver, "url": urls[driver], "sql": "SELECT 1 AS a, NULL AS b"}
    result = daemon.post_ok("/sql/execute", query)
    assert _round_trip(result, QueryResult) == result


def test_profile_has_the_shape_of_the_type(daemon: Daemon, urls: dict[str, str]) -> None:
    rows = {"catalog": None, "db": "main", "name": "rows"}
    tables = [{**rows, "columns": [{"name": "a", "type": "BIGINT"}]}, {**rows, "name": "missing", "columns": []}]
    key = {**rows, "columns": ["a"]}
    request = {"connection_id": "c", "driver": "files", "url": urls["files"], "hashes": 8, "tables": tables}
    found = daemon.post_ok("/database/profile", {**request, "keys": [key], "links": [{"from": key, "to": key}]})
    assert found["tables"][0]["columns"][0]["values"] == [{"value": 1, "count": 1}]
    assert found["links"][0] == dict.fromkeys(("rows", "distinct", "target_rows", "target_distinct"), 1) | {
        "unmatched_rows": 0
    }
    assert _round_trip(found, DatabaseProfile) == found


def test_error_of_the_daemon_has_the_shape_of_the_type(daemon: Daemon) -> None:
    answer = daemon.post("/sql/execute", {"sql": 1})
    assert _round_trip(answer.json(), ErrorBody) == answer.json()


def test_codes_are_sorted_and_documented() -> None:
    codes = list(get_args(ErrorCode))
    assert codes == sorted(set(codes))
    documented = re.findall(r"`([a-z_]+)`", (ROOT / "docs" / "errors.md").read_text("utf-8"))
    # A reason of `/database/query-history` that is not an error.
    assert set(codes) - set(documented) == {"extension_not_loaded"}
