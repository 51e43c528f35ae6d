"""Guarantees 1, 6 and 8 of docs/daemon-lifecycle.md, as far as the daemon implements them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ktx_daemon import state_file
from ktx_daemon.state_file import GRACE_SECONDS, StateFile
from tests.daemon import WAIT_TIMEOUT, Daemon, clean_environment

INSTANCE = "this one"


def write_state(path: Path, instance: str = INSTANCE, **more: object) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps({"schemaVersion": 1, "instance": instance, **more}))
    temporary.replace(path)


def daemon(state: Path) -> Daemon:
    return Daemon(KTX_DAEMON_STATE_FILE=str(state), KTX_DAEMON_INSTANCE=INSTANCE)


@pytest.mark.parametrize("change", ["removed", "another", "empty", "garbage"])
def test_guarantee_8_daemon_stops_when_its_state_file_no_longer_names_it(tmp_path: Path, change: str) -> None:
    state = tmp_path / "daemon.json"
    write_state(state)
    with daemon(state) as running:
        assert running.request("GET", "/health").status == 200
        if change == "removed":
            state.unlink()
        elif change == "another":
            write_state(state, "another one")
        else:
            state.write_text("" if change == "empty" else "\0[[[")
        assert running.process.wait(WAIT_TIMEOUT) == 0
        assert [line["event"] for line in running.events()] == ["daemon.superseded"]


def test_guarantee_8_daemon_stops_even_if_its_log_cannot_be_written(tmp_path: Path) -> None:
    """The daemon logged its stop first, and failed at that on a full disk."""
    state = tmp_path / "daemon.json"
    write_state(state)
    running = daemon(state)
    running.log = Path("/dev/full")
    with running:
        assert running.request("GET", "/health").status == 200
        state.unlink()
        running.process.wait(WAIT_TIMEOUT)


def test_guarantee_6_daemon_stops_when_its_version_folder_is_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "1.2.3"
    folder.mkdir()
    state = folder / "daemon.json"
    write_state(state)
    with daemon(state) as running:
        # The state file is read before the first response.
        assert running.request("GET", "/health").status == 200
        state.unlink()
        folder.rmdir()
        assert running.process.wait(WAIT_TIMEOUT) == 0


def test_guarantee_1_daemon_exits_when_the_ready_report_cannot_be_written() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.run(
        [sys.executable, "-m", "ktx_daemon", "serve-http", "--port", "0"],
        env=clean_environment(KTX_DAEMON_READY_FD=str(writer)),
        pass_fds=[writer],
        stderr=subprocess.PIPE,
        timeout=WAIT_TIMEOUT,
        check=False,
    )
    os.close(writer)
    assert process.returncode == 1
    assert b"The ready report could not be written" in process.stderr


def test_guarantee_8_unnamed_daemon_stops_after_its_grace_time(tmp_path: Path) -> None:
    now = 100.0
    poller = StateFile(str(tmp_path / "none.json"), INSTANCE, lambda: now)
    assert poller.poll()
    now += GRACE_SECONDS - 1
    assert poller.poll()
    now += 1
    assert not poller.poll()


@pytest.mark.parametrize("change", ["folder deleted", "folder created again", "another daemon named"])
def test_guarantee_8_superseded_daemon_stops_before_its_grace_time(tmp_path: Path, change: str) -> None:
    """It kept running next to its successor for two minutes."""
    folder = tmp_path / "1.2.3"
    folder.mkdir()
    with daemon(folder / "daemon.json") as running:
        assert running.request("GET", "/health").status == 200
        if change != "another daemon named":
            folder.rename(tmp_path / "going")
        if change == "folder created again":
            folder.mkdir()
        if change != "folder deleted":
            write_state(folder / "daemon.json", "another one")
        assert WAIT_TIMEOUT < GRACE_SECONDS
        assert running.process.wait(WAIT_TIMEOUT) == 0


def test_guarantee_8_state_file_of_an_earlier_daemon_is_ignored_during_the_grace_time(tmp_path: Path) -> None:
    state = tmp_path / "daemon.json"
    write_state(state, "an earlier one")
    poller = StateFile(str(state), INSTANCE, lambda: 0.0)
    assert poller.poll()
    state.unlink()
    assert poller.poll()
    state.write_text("half a st")
    assert poller.poll()
    write_state(state)
    assert poller.poll()


def test_guarantee_8_polling_interval_is_short_until_the_daemon_is_named(tmp_path: Path) -> None:
    state = tmp_path / "daemon.json"
    poller = StateFile(str(state), INSTANCE, lambda: 0.0)
    assert poller.poll()
    assert poller.poll_seconds == state_file.FIRST_POLL_SECONDS
    write_state(state)
    assert poller.poll()
    assert poller.poll_seconds == state_file.POLL_SECONDS


def test_guarantee_8_oversized_state_file_is_not_read(tmp_path: Path) -> None:
    state = tmp_path / "daemon.json"
    write_state(state)
    poller = StateFile(str(state), INSTANCE, lambda: 0.0)
    assert poller.poll()
    write_state(state, padding="x" * state_file.MAX_STATE_BYTES)
    assert not poller.poll()


def test_guarantee_8_grace_time_ends_when_the_daemon_is_named(tmp_path: Path) -> None:
    state = tmp_path / "daemon.json"
    poller = StateFile(str(state), INSTANCE, lambda: 0.0)
    assert poller.poll()
    write_state(state)
    assert poller.poll()
    assert poller.poll()
    write_state(state, "another")
    assert not poller.poll()


def test_guarantee_8_folder_or_pipe_in_place_of_the_state_file_names_no_daemon(tmp_path: Path) -> None:
    state = tmp_path / "daemon.json"
    write_state(state)
    poller = StateFile(str(state), INSTANCE, lambda: 0.0)
    assert poller.poll()
    state.unlink()
    state.mkdir()
    assert not poller.poll()
    state.rmdir()
    os.mkfifo(state)
    assert not poller.poll()


def test_guarantee_8_daemon_without_a_state_file_keeps_running() -> None:
    assert StateFile(None, INSTANCE, lambda: 1e9).poll()


def test_guarantee_8_logs_are_rotated_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_file, "MAX_LOG_BYTES", 10)
    state, log = tmp_path / "daemon.json", tmp_path / "daemon.stderr.log"
    write_state(state, stdoutLog=str(tmp_path / "absent.log"), stderrLog=str(log))
    poller = StateFile(str(state), INSTANCE)
    with log.open("a") as writer:
        for text in ("short", "and too long", "rotated"):
            writer.write(text)
            writer.flush()
            assert poller.poll()
            poller.rotate_logs()
    assert log.read_text() == "rotated"
    assert Path(f"{log}.1").read_text() == "shortand too long"


def test_guarantee_8_logs_are_truncated_if_they_cannot_be_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_file, "MAX_LOG_BYTES", 10)
    state, log = tmp_path / "daemon.json", tmp_path / "daemon.stderr.log"
    write_state(state, stderrLog=str(log))
    Path(f"{log}.1").mkdir()
    log.write_text("far too long")
    poller = StateFile(str(state), INSTANCE)
    assert poller.poll()
    poller.rotate_logs()
    assert log.read_text() == ""
