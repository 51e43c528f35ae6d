"""The harness of the engines, on those that need no installation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.daemon import Daemon
from tests.semantic.tpch_questions import QUESTIONS
from tests.warehouses import report as reports
from tests.warehouses.engines import ENGINES
from tests.warehouses.environment import Environment
from tests.warehouses.errors import EngineError
from tests.warehouses.questions import ask
from tests.warehouses.server import Server
from tests.warehouses.tpch import Tpch, generate

EMBEDDED = ("duckdb", "sqlite")
ENVIRONMENTS = {engine.environment for engine in ENGINES.values() if engine.environment}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Tpch:
    return generate(tmp_path_factory.mktemp("tpch"))


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda environment: environment.name)
def test_lock_pins_the_packages_of_an_engine(environment: Environment) -> None:
    pinned = set(re.findall(r"^([\w-]+)==", environment.lock.read_text(), re.MULTILINE))
    assert {re.split(r"[\[<>=]", package)[0] for package in environment.packages} <= pinned


@pytest.mark.parametrize("name", EMBEDDED)
def test_all_cells_that_an_embedded_engine_can_show_are_ok(name: str, daemon: Daemon, data: Tpch) -> None:
    engine = ENGINES[name]()
    cells = reports.report(engine, daemon, data)["cells"]
    assert list(cells) == list(reports.CELLS)
    shown = {cell: found for cell, found in cells.items() if cell not in engine.lacks}
    assert shown == {cell: {"state": "ok"} for cell in shown}
    assert {cells[cell]["state"] for cell in engine.lacks} == {"not shown"}


def test_engine_that_does_not_start_fails(daemon: Daemon, data: Tpch, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_: object) -> None:
        raise EngineError("the port is taken")

    monkeypatch.setattr(ENGINES["duckdb"], "start", start)
    cells = reports.report(ENGINES["duckdb"](), daemon, data)["cells"]
    assert cells["connect"] == {"state": "failed", "detail": "the port is taken"}
    assert {found["state"] for found in cells.values()} == {"failed"}


def test_engine_without_a_connector_is_asked_by_its_client_only(
    daemon: Daemon, data: Tpch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "CONNECTORS", frozenset())
    cells = reports.report(ENGINES["duckdb"](), daemon, data)["cells"]
    assert cells["client questions"] == {"state": "ok"}
    assert cells["questions"] == {"state": "no connector yet"}


def test_wrong_answers_are_listed(data: Tpch) -> None:
    with pytest.raises(EngineError, match=f"{len(QUESTIONS)} of {len(QUESTIONS)} differ.*0 rows in place of 4"):
        ask(lambda _: [], "duckdb", data)


def test_server_that_ends_is_reported_with_its_log(tmp_path: Path) -> None:
    server = Server(["sh", "-c", "echo the port is taken; exit 1"], tmp_path)
    with pytest.raises(EngineError, match="sh ended: the port is taken"):
        server.wait_until(lambda: False)
