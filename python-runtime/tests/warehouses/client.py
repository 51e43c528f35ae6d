"""An engine's own client, in a process of the engine's environment: the second opinion beside the connector."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.warehouses.errors import EngineError

PROGRAM = Path(__file__).parent / "programs" / "client.py"


class Client:
    """Runs statements one after the other; `settings` are the arguments of the module's `connect`."""

    def __init__(self, module: str, settings: dict[str, Any], python: Path = Path(sys.executable)) -> None:
        command = [python, "-W", "ignore", PROGRAM, module, json.dumps(settings)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def rows(self, sql: str) -> list[list[Any]]:
        """Return the rows of a statement with JSON values. Raises EngineError with the engine's message."""
        rows: list[list[Any]] = self._request({"sql": sql})
        return rows

    def load(self, table: str, file: Path) -> None:
        """Load a file into a table in the client's bulk way. Raises EngineError."""
        self._request({"table": table, "file": str(file)})

    def close(self) -> None:
        """End the session and its process."""
        self._process.communicate()

    def _request(self, request: dict[str, str]) -> Any:
        if not self._process.stdin or not self._process.stdout:
            raise AssertionError("the process has pipes")
        self._process.stdin.write(f"{json.dumps(request)}\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline() or '{"error": "the client ended"}')
        if "error" in answer:
            raise EngineError(answer["error"])
        return answer["rows"]
