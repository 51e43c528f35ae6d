"""A daemon whose environment was deleted, rebuilt or damaged says so, in every answer."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ktx_daemon.own_files import OwnFiles
from tests.daemon import SOURCES, Daemon, refusal

BATCH = {"dialect": "postgres", "items": [{"id": "a", "sql": "SELECT 1"}]}
SQLITE = {"connection_id": "w", "driver": "sqlite", "url": "/tmp/none.db"}
CALLS = {
    "/sql/analyze-batch": BATCH,
    "/database/introspect": SQLITE,
    "/sql/execute": {**SQLITE, "sql": "SELECT 1", "max_rows": 1},
    "/semantic-layer/generate-sources": {"tables": [], "links": [], "dialect": "postgres"},
    "/embeddings/compute": {"text": "x"},
}
DAMAGED = "environment_damaged"
HINT = "Rebuild the environment with: ktx runtime install --force"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Give a copy of the packages: what a test deletes is not the checkout."""
    copy = tmp_path / "site-packages"
    shutil.copytree(SOURCES, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.fixture
def daemon(sources: Path) -> Iterator[Daemon]:
    with Daemon(PYTHONPATH=str(sources), PYTHONDONTWRITEBYTECODE="1") as running:
        assert running.request("GET", "/health").status == 200
        yield running


def remove(folder: Path) -> None:
    shutil.rmtree(folder)


def replace(folder: Path) -> None:
    shutil.copytree(folder, folder.with_name("next"))
    shutil.rmtree(folder)
    folder.with_name("next").rename(folder)


def hide(folder: Path) -> None:
    folder.rename(folder.with_name("hidden"))


@pytest.mark.parametrize("change", [remove, replace, hide])
def test_health_fails_when_the_package_is_deleted_or_replaced(
    sources: Path, daemon: Daemon, change: Callable[[Path], None]
) -> None:
    change(sources / "ktx_daemon")
    for _ in range(2):
        said = refusal(daemon.request("GET", "/health"), DAMAGED, 503)
        assert str(sources / "ktx_daemon") in said
    assert daemon.request("HEAD", "/health").status == 503


@pytest.mark.parametrize("path", CALLS)
def test_a_call_is_answered_also_when_nothing_can_be_imported_any_more(
    sources: Path, daemon: Daemon, path: str
) -> None:
    remove(sources / "ktx_daemon")
    answer = daemon.post(path, CALLS[path])
    body = answer.json()
    # What was imported before still works.
    if answer.status != 200:
        refusal(answer, DAMAGED, 500)
        assert body["hint"] == HINT
        assert body["id"] in daemon.log.read_text()


@pytest.mark.parametrize(
    ("module", "path"),
    [
        ("introspection/sqlite.py", "/database/introspect"),
        ("execution/sqlite.py", "/sql/execute"),
        ("semantic/run.py", "/semantic-layer/generate-sources"),
        ("embeddings/compute.py", "/embeddings/compute"),
    ],
)
def test_a_module_that_is_missing_is_named_and_not_the_connection(
    sources: Path, daemon: Daemon, module: str, path: str
) -> None:
    (sources / "ktx_daemon" / module).unlink()
    said = refusal(daemon.post(path, CALLS[path]), DAMAGED, 500)
    assert f"No module named 'ktx_daemon.{module[:-3].replace('/', '.')}'" in said
    assert "introspection of" not in said.lower()
    refusal(daemon.request("GET", "/health"), DAMAGED, 503)
    # What works goes on working until the daemon is replaced.
    assert daemon.ok("/sql/validate-read-only", {"sql": "SELECT 1", "dialect": "postgres"}) == {
        "ok": True,
        "error": None,
    }


def test_an_error_is_answered_also_when_the_redaction_cannot_be_imported(sources: Path, daemon: Daemon) -> None:
    for name in ("redaction.py", "introspection/run.py"):
        (sources / "ktx_daemon" / name).unlink()
    body = daemon.post("/database/introspect", {**SQLITE, "url": "postgres://u:hunter2@h/d"}).json()
    assert body["code"] == DAMAGED
    log = daemon.log.read_text()
    assert body["id"] in log
    assert "hunter2" not in log


def test_what_others_do_beside_the_daemon_is_no_damage(sources: Path, daemon: Daemon) -> None:
    (sources / "another_package").mkdir()
    (sources / "another_package" / "__init__.py").write_text("")
    (sources / "ktx_daemon" / "__pycache__").mkdir(exist_ok=True)
    (sources / "ktx_daemon" / "notes.txt").write_text("x")
    assert daemon.request("GET", "/health").status == 200
    # A driver or a feature that is not installed is none either.
    said = daemon.refused(
        "/database/introspect", {**SQLITE, "driver": "nosuch", "url": "nosuch://h/d"}, "unknown_driver"
    )
    assert "nosuch" in said
    assert daemon.request("GET", "/health").status == 200


def test_files_are_compared_by_identity(tmp_path: Path) -> None:
    kept, absent = tmp_path / "kept", tmp_path / "absent"
    kept.write_text("x")
    files = OwnFiles((str(kept), str(absent), ""))
    assert files.damage() is None
    absent.write_text("what was not there is not missed")
    assert files.damage() is None
    os.utime(kept, ns=(1, 1))
    assert files.damage() == f"{kept} was replaced after the daemon was started"
    kept.unlink()
    assert files.damage() == f"{kept} no longer exists"


def test_a_failed_import_is_remembered_and_another_error_is_not() -> None:
    files = OwnFiles(())
    assert files.blame(ValueError("x")) is None
    assert files.blame(ModuleNotFoundError("No module named 'a'")) == "No module named 'a'"
    assert files.blame(ImportError("another")) == "No module named 'a'"
    assert files.damage() == "No module named 'a'"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_health_refuses_a_wrong_token_and_needs_none(daemon: Daemon, method: str) -> None:
    def status(**headers: str) -> int:
        return daemon.request(method, "/health", headers=headers).status

    assert status(authorization="") == 200
    assert status() == 200
    for wrong in ("Bearer wrong", "Bearer", "Basic test-token", "Bearer test-token2"):
        assert status(authorization=wrong) == 401, wrong
