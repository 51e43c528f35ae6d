"""Entry point of a child process: requests on standard input, answers on standard output.

Messages are length-prefixed; a request is the name of a function, a line break and the function's argument in JSON.
The main thread only reads requests, so that the process exits even during a query when the daemon ends and its pipe is
closed.
"""

from __future__ import annotations

import importlib
import os
import queue
import signal
import sys
import threading
from typing import IO

import msgspec

from ktx_daemon.children.pool import FRAME_LENGTH, IMPORT_FAILED, READY, Failure
from ktx_daemon.errors import DaemonError
from ktx_daemon.memory_limit import limit_memory
from ktx_daemon.redaction import redact
from ktx_daemon.workers import allow_deep_recursion


def main() -> None:
    """Run requests until standard input is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # output of libraries must not mix with answers
    limit_memory()
    allow_deep_recursion()
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_serve, args=(requests, answers), daemon=True).start()
    while True:
        head = sys.stdin.buffer.read(FRAME_LENGTH.size)
        body = sys.stdin.buffer.read(FRAME_LENGTH.unpack(head)[0]) if len(head) == FRAME_LENGTH.size else b""
        if not body:
            os._exit(0)
        requests.put(body)


def _serve(requests: queue.SimpleQueue[bytes], answers: IO[bytes]) -> None:
    answer = READY
    while True:
        answers.write(FRAME_LENGTH.pack(len(answer)))
        answers.write(answer)
        answers.flush()
        answer = _answer(requests.get())


def _answer(body: bytes) -> bytes:
    try:
        function, _, request = body.partition(b"\n")
        module, _, name = function.decode().partition(":")
        run = getattr(importlib.import_module(f"ktx_daemon.{module}"), name)
        return b"R" + msgspec.json.encode(run(request))
    except DaemonError as error:
        failure = Failure(error.status, error.code, error.detail, error.hint)
    except ImportError as error:
        failure = Failure(500, IMPORT_FAILED, str(error))
    except Exception as error:
        failure = Failure(500, "internal_error", f"An unexpected error occurred: {redact(repr(error))}")
    return b"E" + msgspec.json.encode(failure)


if __name__ == "__main__":
    main()
