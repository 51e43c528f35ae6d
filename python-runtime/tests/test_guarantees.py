"""Guarantees 1, 6 and 8 of docs/daemon-lifecycle.md, as far as the daemon itself keeps them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ktx_daemon import state_file
from ktx_daemon.state_file import GRACE_SECONDS, StateFile
from tests.daemon import PATIENCE, Daemon, clean_environment

INSTANCE = "this one"


def write_state(path: Path, instance: str = INSTANCE, **more: object) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps({"schemaVersion": 1, "instance": instance, **more}))
    temporary.replace(path)


def daemon(state: Path) -> Daemon:
    return Daemon(KTX_DAEMON_STATE_FILE=str(state), KTX_DAEMON_INSTANCE=INSTANCE)


@pytest.mark.parametrize("change", ["removed", "another", "empty", "garbage"])
def test_guarantee_8_it_ends_when_its_state_file_names_it_no_longer(tmp_path: Path, change: str) -> None:
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
        assert running.process.wait(PATIENCE) == 0
        assert [line["event"] for line in running.events()] == ["daemon.superseded"]


def test_guarantee_8_it_ends_also_when_its_log_cannot_be_written(tmp_path: Path) -> None:
    """It said first that it ends, and on a full disk it got no further."""
    state = tmp_path / "daemon.json"
    write_state(state)
    running = daemon(state)
    running.log = Path("/dev/full")
    with running:
        assert running.request("GET", "/health").status == 200
        state.unlink()
        running.process.wait(PATIENCE)


def test_guarantee_6_it_ends_when_its_version_folder_is_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "1.2.3"
    folder.mkdir()
    state = folder / "daemon.json"
    write_state(state)
    with daemon(state) as running:
        # It reads its state file before it answers anything.
        assert running.request("GET", "/health").status == 200
        state.unlink()
        folder.rmdir()
        assert running.process.wait(PATIENCE) == 0


def test_guarantee_1_it_ends_when_the_ready_report_cannot_be_written() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.run(
        [sys.executable, "-m", "ktx_daemon", "serve-http", "--port", "0"],
        env=clean_environment(KTX_DAEMON_READY_FD=str(writer)),
        pass_fds=[writer],
        stderr=subprocess.PIPE,
        timeout=PATIENCE,
        check=False,
    )
    os.close(writer)
    assert process.returncode == 1
    assert b"The ready report could not be written" in process.stderr


def test_guarantee_8_a_daemon_that_is_never_named_ends_after_a_while_and_a_young_one_does_not(tmp_path: Path) -> None:
    now = 100.0
    kept = StateFile(str(tmp_path / "none.json"), INSTANCE, lambda: now)
    assert kept.poll()
    now += GRACE_SECONDS - 1
    assert kept.poll()
    now += 1
    assert not kept.poll()


@pytest.mark.parametrize("change", ["folder deleted", "folder created again", "another daemon named"])
def test_guarantee_8_a_young_daemon_that_cannot_be_named_ends_before_its_grace_time(
    tmp_path: Path, change: str
) -> None:
    """It lived on for two minutes beside its successor."""
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
        assert PATIENCE < GRACE_SECONDS
        assert running.process.wait(PATIENCE) == 0


def test_guarantee_8_a_young_daemon_outlives_the_state_file_of_an_earlier_one(tmp_path: Path) -> None:
    state = tmp_path / "daemon.json"
    write_state(state, "an earlier one")
    kept = StateFile(str(state), INSTANCE, lambda: 0.0)
    assert kept.poll()
    state.unlink()
    assert kept.poll()
    state.write_text("half a st")
    assert kept.poll()
    write_state(state)
    assert kept.poll()


def test_guarantee_8_it_polls_often_until_it_is_named(tmp_path: Path) -> None:
    state = tmp_path / "daemon.json"
    kept = StateFile(str(state), INSTANCE, lambda: 0.0)
    assert kept.poll()
    assert kept.poll_seconds == state_file.FIRST_POLL_SECONDS
    write_state(state)
    assert kept.poll()
    assert kept.poll_seconds == state_file.POLL_SECONDS


def test_guarantee_8_a_state_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    state = tmp_path / "daemon.json"
    write_state(state)
    kept = StateFile(str(state), INSTANCE, lambda: 0.0)
    assert kept.poll()
    write_state(state, padding="x" * state_file.STATE_BYTES)
    assert not kept.poll()


def test_guarantee_8_once_named_it_is_not_young_any_more(tmp_path: Path) -> None:
    state = tmp_path / "daemon.json"
    kept = StateFile(str(state), INSTANCE, lambda: 0.0)
    assert kept.poll()
    write_state(state)
    assert kept.poll()
    assert kept.poll()
    write_state(state, "another")
    assert not kept.poll()


def test_guarantee_8_a_folder_or_a_pipe_in_place_of_the_state_file_names_no_daemon(tmp_path: Path) -> None:
    state = tmp_path / "daemon.json"
    write_state(state)
    kept = StateFile(str(state), INSTANCE, lambda: 0.0)
    assert kept.poll()
    state.unlink()
    state.mkdir()
    assert not kept.poll()
    state.rmdir()
    os.mkfifo(state)
    assert not kept.poll()


def test_guarantee_8_without_a_state_file_it_stays() -> None:
    assert StateFile(None, INSTANCE, lambda: 1e9).poll()


def test_guarantee_8_logs_are_capped_in_place_and_the_previous_part_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_file, "LOG_BYTES", 10)
    state, log = tmp_path / "daemon.json", tmp_path / "daemon.stderr.log"
    write_state(state, stdoutLog=str(tmp_path / "absent.log"), stderrLog=str(log))
    kept = StateFile(str(state), INSTANCE)
    with log.open("a") as writer:
        for text in ("short", "and too long", "rotated"):
            writer.write(text)
            writer.flush()
            assert kept.poll()
            kept.cap_logs()
    assert log.read_text() == "rotated"
    assert Path(f"{log}.1").read_text() == "shortand too long"


def test_guarantee_8_logs_are_capped_also_where_the_previous_part_cannot_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_file, "LOG_BYTES", 10)
    state, log = tmp_path / "daemon.json", tmp_path / "daemon.stderr.log"
    write_state(state, stderrLog=str(log))
    Path(f"{log}.1").mkdir()
    log.write_text("far too long")
    kept = StateFile(str(state), INSTANCE)
    assert kept.poll()
    kept.cap_logs()
    assert log.read_text() == ""
