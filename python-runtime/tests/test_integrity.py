"""A daemon reports that its environment was deleted, rebuilt or damaged."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ktx_daemon.integrity import IntegrityCheck
from tests.daemon import SOURCES, Daemon, error_detail

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
    """Return a copy of the packages, which tests may delete."""
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
        detail = error_detail(daemon.request("GET", "/health"), DAMAGED, 503)
        assert str(sources / "ktx_daemon") in detail
    assert daemon.request("HEAD", "/health").status == 503


@pytest.mark.parametrize("path", CALLS)
def test_call_is_answered_when_nothing_can_be_imported(sources: Path, daemon: Daemon, path: str) -> None:
    remove(sources / "ktx_daemon")
    answer = daemon.post(path, CALLS[path])
    body = answer.json()
    # Imported modules still work.
    if answer.status != 200:
        error_detail(answer, DAMAGED, 500)
        assert body["hint"] == HINT
        assert body["id"] in daemon.log.read_text()


@pytest.mark.parametrize(
    ("module", "path"),
    [
        ("warehouses/sqlite/introspect.py", "/database/introspect"),
        ("warehouses/sqlite/execute.py", "/sql/execute"),
        ("semantic/run.py", "/semantic-layer/generate-sources"),
        ("embeddings/compute.py", "/embeddings/compute"),
    ],
)
def test_missing_module_is_named(sources: Path, daemon: Daemon, module: str, path: str) -> None:
    (sources / "ktx_daemon" / module).unlink()
    detail = error_detail(daemon.post(path, CALLS[path]), DAMAGED, 500)
    assert f"No module named 'ktx_daemon.{module[:-3].replace('/', '.')}'" in detail
    assert "introspection of" not in detail.lower()
    error_detail(daemon.request("GET", "/health"), DAMAGED, 503)
    # Other operations work until the daemon is replaced.
    assert daemon.post_ok("/sql/validate-read-only", {"sql": "SELECT 1", "dialect": "postgres"}) == {
        "ok": True,
        "error": None,
    }


def test_error_is_answered_when_the_redaction_cannot_be_imported(sources: Path, daemon: Daemon) -> None:
    for name in ("redaction.py", "introspection/run.py"):
        (sources / "ktx_daemon" / name).unlink()
    body = daemon.post("/database/introspect", {**SQLITE, "url": "postgres://u:hunter2@h/d"}).json()
    assert body["code"] == DAMAGED
    log = daemon.log.read_text()
    assert body["id"] in log
    assert "hunter2" not in log


def test_unrelated_changes_are_no_damage(sources: Path, daemon: Daemon) -> None:
    (sources / "another_package").mkdir()
    (sources / "another_package" / "__init__.py").write_text("")
    (sources / "ktx_daemon" / "__pycache__").mkdir(exist_ok=True)
    (sources / "ktx_daemon" / "notes.txt").write_text("x")
    assert daemon.request("GET", "/health").status == 200
    # A missing driver or feature is no damage either.
    detail = daemon.post_rejected(
        "/database/introspect", {**SQLITE, "driver": "nosuch", "url": "nosuch://h/d"}, "unknown_driver"
    )
    assert "nosuch" in detail
    assert daemon.request("GET", "/health").status == 200


def test_files_are_compared_by_identity(tmp_path: Path) -> None:
    watched, absent = tmp_path / "kept", tmp_path / "absent"
    watched.write_text("x")
    files = IntegrityCheck((str(watched), str(absent), ""))
    assert files.find_damage() is None
    absent.write_text("what was not there is not missed")
    assert files.find_damage() is None
    os.utime(watched, ns=(1, 1))
    assert files.find_damage() == f"{watched} was replaced after the daemon was started"
    watched.unlink()
    assert files.find_damage() == f"{watched} no longer exists"


def test_failed_import_is_kept_as_damage_and_other_errors_are_not() -> None:
    files = IntegrityCheck(())
    assert files.diagnose(ValueError("x")) is None
    assert files.diagnose(ModuleNotFoundError("No module named 'a'")) == "No module named 'a'"
    assert files.diagnose(ImportError("another")) == "No module named 'a'"
    assert files.find_damage() == "No module named 'a'"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_health_rejects_a_wrong_token_and_needs_none(daemon: Daemon, method: str) -> None:
    def status(**headers: str) -> int:
        return daemon.request(method, "/health", headers=headers).status

    assert status(authorization="") == 200
    assert status() == 200
    for wrong in ("Bearer wrong", "Bearer", "Basic test-token", "Bearer test-token2"):
        assert status(authorization=wrong) == 401, wrong
