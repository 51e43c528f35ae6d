"""The process that runs queries on files: requests on standard input, answers on standard output.

Every message is its length and its bytes. The main thread only reads, so that the end of the daemon, which closes the
pipe, ends this process in the middle of a query too.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from typing import IO

import msgspec

from ktx_daemon.errors import DaemonError
from ktx_daemon.execution.drive import run_here
from ktx_daemon.execution.isolated import IMPORT_FAILED, LENGTH, READY, Failure
from ktx_daemon.execution.memory_limit import limit_memory
from ktx_daemon.execution.requests import ExecuteSql
from ktx_daemon.redaction import redact
from ktx_daemon.workers import allow_deep_recursion


def main() -> None:
    """Serve until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    limit_memory()
    allow_deep_recursion()
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_work, args=(requests, answers), daemon=True).start()
    while True:
        head = sys.stdin.buffer.read(LENGTH.size)
        body = sys.stdin.buffer.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else b""
        if not body:
            os._exit(0)
        requests.put(body)


def _work(requests: queue.SimpleQueue[bytes], answers: IO[bytes]) -> None:
    answer = READY
    while True:
        answers.write(LENGTH.pack(len(answer)))
        answers.write(answer)
        answers.flush()
        answer = _answer(requests.get())


def _answer(body: bytes) -> bytes:
    try:
        request = msgspec.json.decode(body, type=ExecuteSql)
        return b"R" + msgspec.json.encode(run_here(request))
    except DaemonError as error:
        failure = Failure(error.status, error.code, error.detail, error.hint)
    except ImportError as error:
        failure = Failure(500, IMPORT_FAILED, str(error))
    except Exception as error:
        failure = Failure(500, "internal_error", f"An unexpected error occurred: {redact(repr(error))}")
    return b"E" + msgspec.json.encode(failure)


if __name__ == "__main__":
    main()
