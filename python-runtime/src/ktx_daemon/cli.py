"""Command line: `ktx-daemon serve-http …`, or `ktx-daemon <command>` with one JSON request on standard input."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

import msgspec

from ktx_daemon import __version__, request_id
from ktx_daemon.environment import Environment, inherited_request_id, uses_json_errors
from ktx_daemon.errors import DaemonError, StartupError
from ktx_daemon.operations import OPERATIONS, Operation

SERVE = "serve-http"


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line.

    Exits with 0 on success, 130 on SIGINT, and 1 after an error, which is one line on standard error.
    """
    try:
        _run(_parser().parse_args(arguments))
    except DaemonError as error:
        text = msgspec.json.encode(error.body()).decode() if uses_json_errors() else error.line()
        print(f"ktx-daemon: {text}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except StartupError as error:
        print(f"ktx-daemon: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0)


def _run(options: argparse.Namespace) -> None:
    if options.command == SERVE:
        _serve(options.host, options.port)
    else:
        _run_once(next(operation for operation in OPERATIONS if operation.command == options.command))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ktx-daemon", description="The local daemon of KTX")
    parser.add_argument("--version", action="version", version=f"ktx-daemon {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = commands.add_parser(SERVE, help="serve requests over HTTP on this computer")
    serve.add_argument("--host", default="127.0.0.1", help="a loopback address (default: %(default)s)")
    serve.add_argument("--port", type=int, default=0, help="0 chooses a free port (default: %(default)s)")
    for operation in OPERATIONS:
        commands.add_parser(operation.command, help=f"JSON on stdin, JSON on stdout, as POST {operation.path}")
    return parser


def _serve(host: str, port: int) -> None:
    from ktx_daemon.server import serve

    serve(host, port, Environment.read_and_clear())


def _run_once(operation: Operation) -> None:
    from ktx_daemon.processes import stop_processes
    from ktx_daemon.redaction import redact
    from ktx_daemon.workers import run_with_deep_stack

    def work() -> bytes:
        return operation.answer(sys.stdin.buffer.read())

    try:
        with request_id.bind([inherited_request_id()]):
            answer = run_with_deep_stack(work)
    except (DaemonError, KeyboardInterrupt):
        raise
    except Exception as error:
        raise DaemonError(500, "internal_error", f"An unexpected error occurred: {redact(repr(error))}") from error
    finally:
        stop_processes()
    sys.stdout.buffer.write(answer + b"\n")
    sys.stdout.buffer.flush()
