"""ClickHouse over plain HTTP, for servers that are older than the drivers."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any


class Session:
    """Requests with a user and a password in their headers."""

    def __init__(self, port: int, user: str, password: str, database: str) -> None:
        self._url = f"http://127.0.0.1:{port}/?"
        self._headers = {"X-ClickHouse-User": user, "X-ClickHouse-Key": password}
        self._settings = {"database": database, "output_format_json_quote_64bit_integers": "0"}

    def rows(self, sql: str) -> list[list[Any]]:
        """Run a statement; one without a result has no rows."""
        answer = self._post({"default_format": "JSONCompact"}, sql.encode())
        rows: list[list[Any]] = json.loads(answer)["data"] if answer else []
        return rows

    def load(self, table: str, file: str) -> None:
        """Insert a CSV file with a header."""
        self._post({"query": f"INSERT INTO {table} FORMAT CSVWithNames"}, Path(file).read_bytes())

    def _post(self, settings: dict[str, str], body: bytes) -> bytes:
        url = self._url + urllib.parse.urlencode({**self._settings, **settings})
        request = urllib.request.Request(url, body, self._headers)
        try:
            with urllib.request.urlopen(request) as response:
                answer: bytes = response.read()
                return answer
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode().strip()) from None


connect = Session
