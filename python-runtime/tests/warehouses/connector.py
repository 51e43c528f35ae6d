"""The cells of the report that the daemon's connector fills, over HTTP like the addon."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import closing
from typing import Any

from ktx_daemon.warehouses.registry import WAREHOUSES
from tests.daemon import Daemon
from tests.profile import request_table
from tests.warehouses.engine import Engine
from tests.warehouses.errors import EngineError
from tests.warehouses.profiles import expected_profile, shape
from tests.warehouses.questions import ask
from tests.warehouses.server import wait_until
from tests.warehouses.tpch import COLUMN_COMMENTS, FOREIGN_KEYS, PRIMARY_KEYS, TABLE_COMMENTS, Tpch

# The drivers that the daemon has.
CONNECTORS = frozenset(spec.name for spec in WAREHOUSES)

LIMIT = 10
MAX_ROWS = 100_000
DECIMAL = re.compile("numeric|decimal|number", re.IGNORECASE)


class Connector:
    """The connector of an engine's driver in a daemon."""

    def __init__(self, daemon: Daemon, engine: Engine, data: Tpch) -> None:
        self._daemon = daemon
        self._engine = engine
        self._data = data

    def checks(self) -> dict[str, Callable[[], None]]:
        """Return the check of each cell; a check raises EngineError."""
        return {
            "connect": self._connect,
            "tables": self._check_tables,
            "keys": self._check_keys,
            "comments": self._check_comments,
            "profile": self._check_profile,
            "questions": lambda: ask(self._rows, self._engine.dialect, self._data),
            "history": self._check_history,
            "cancel": self._check_cancel,
            "limits": self._check_limits,
            "password": self._check_password,
        }

    def _connect(self) -> None:
        expect(self._rows("SELECT 1"), [[1]])

    def _check_tables(self) -> None:
        expect({name: list(table["columns"]) for name, table in self._scan().items()}, self._named_columns())

    def _named_columns(self) -> dict[str, list[str]]:
        return {table: list(columns) for table, columns in self._data.columns.items()}

    def _check_keys(self) -> None:
        tables = self._scan()
        primary = {
            name: {column for column, details in table["columns"].items() if details["primary_key"]}
            for name, table in tables.items()
        }
        expect(primary, {name: set(columns) for name, columns in PRIMARY_KEYS.items()})
        if self._engine.definitions.keys is None:
            return
        foreign = {
            (name, key["from_column"], key["to_table"])
            for name, table in tables.items()
            for key in table["foreign_keys"]
        }
        declared = {
            (name, column, to) for name, keys in FOREIGN_KEYS.items() for columns, to in keys for column in columns
        }
        expect(foreign, declared)

    def _check_comments(self) -> None:
        tables = self._scan()
        expect({name: table["comment"] for name, table in tables.items()}, TABLE_COMMENTS)
        commented = {
            column: details["comment"]
            for table in tables.values()
            for column, details in table["columns"].items()
            if details["comment"]
        }
        expect(commented, COLUMN_COMMENTS)

    def _check_profile(self) -> None:
        """Compare the profiles of all tables with the data, and count a key and a link."""
        tables = self._post("/database/introspect", url=self._engine.url)["tables"]
        names = {table["name"].lower(): table for table in tables}
        key = self._columns(names["lineitem"], *PRIMARY_KEYS["lineitem"])
        link = {
            "from": self._columns(names["lineitem"], "l_orderkey"),
            "to": self._columns(names["orders"], "o_orderkey"),
        }
        requested = [request_table(names[name]) for name in PRIMARY_KEYS]
        found = self._post(
            "/database/profile", url=self._engine.url, tables=requested, keys=[key], links=[link], hashes=64
        )
        for table in found["tables"]:
            own = shape(table, self._engine.dialect)
            expect(own, expected_profile(self._data, table["name"].lower(), own))
        rows, orders = found["tables"][7]["rows"], found["tables"][6]["rows"]
        expect(found["keys"], [{"rows": rows, "null_rows": 0, "distinct": rows}])
        targets = {"target_rows": orders, "target_distinct": orders}
        expect(found["links"], [{"rows": rows, "distinct": orders, "unmatched_rows": 0, **targets}])

    def _columns(self, table: dict[str, Any], *columns: str) -> dict[str, Any]:
        """Return columns of a table by their lower-case names, in the spelling of the database."""
        names = {column["name"].lower(): column["name"] for column in table["columns"]}
        place = {part: table[part] for part in ("catalog", "db", "name")}
        return {**place, "columns": [names[name] for name in columns]}

    def _check_history(self) -> None:
        statement = "SELECT count(*) FROM nation WHERE n_regionkey = 3"
        self._rows(statement)
        found = self._post("/database/query-history", url=self._engine.url)
        texts = [entry["sql"] for entry in found["statements"]]
        if not any("nation" in text and "n_regionkey" in text for text in texts):
            raise EngineError(f"the history of {len(texts)} statements lacks {statement}")

    def _check_cancel(self) -> None:
        """Check that the statement ends on the server when the caller disconnects."""
        body = json.dumps(self._request(self._engine.url, sql=self._engine.endless, statement_timeout_ms=600_000))
        headers = {"content-type": "application/json", "authorization": f"Bearer {self._daemon.token}"}
        with closing(self._daemon.connect()) as connection:
            connection.request("POST", "/sql/execute", body, headers)
            wait_until(lambda: self._engine.running() > 0, "the statement runs")
        wait_until(lambda: self._engine.running() == 0, "the statement ends on the server")

    def _check_limits(self) -> None:
        found = self._post("/sql/execute", url=self._engine.url, sql="SELECT * FROM lineitem", max_rows=LIMIT)
        expect((len(found["rows"]), found["truncated_by"]), (LIMIT, "rows"))
        self._refused("statement_timeout", url=self._engine.url, sql=self._engine.endless, statement_timeout_ms=500)

    def _check_password(self) -> None:
        self._refused("authentication_failed", url=self._engine.wrong_url, sql="SELECT 1")

    def _scan(self) -> dict[str, Any]:
        found = self._post("/database/introspect", url=self._engine.url)
        expected = {name.lower() for name in PRIMARY_KEYS}
        tables = {table["name"].lower(): table for table in found["tables"] if table["name"].lower() in expected}
        for table in tables.values():
            table["columns"] = {column["name"].lower(): column for column in table["columns"]}
            for key in table["foreign_keys"]:
                key.update({name: key[name].lower() for name in ("from_column", "to_table")})
        return tables

    def _rows(self, sql: str) -> list[list[Any]]:
        """Return the rows of a query, with decimals that the daemon sends as texts as numbers."""
        found = self._post("/sql/execute", url=self._engine.url, sql=sql, max_rows=MAX_ROWS)
        decimals = {index for index, column in enumerate(found["columns"]) if DECIMAL.match(column["type"] or "")}
        return [
            [float(value) if index in decimals and isinstance(value, str) else value for index, value in enumerate(row)]
            for row in found["rows"]
        ]

    def _request(self, url: str, **fields: Any) -> dict[str, Any]:
        return {"connection_id": self._engine.name, "driver": self._engine.driver, "url": url, **fields}

    def _post(self, path: str, **fields: Any) -> Any:
        answer = self._daemon.post(path, self._request(**fields))
        if answer.status != 200:
            raise EngineError(str(answer.json().get("detail")))
        return answer.json()

    def _refused(self, code: str, **fields: Any) -> None:
        answer = self._daemon.post("/sql/execute", self._request(**fields))
        expect(answer.json().get("code"), code)


def expect(found: Any, expected: Any) -> None:
    """Raise EngineError if a value is not the expected one."""
    if found != expected:
        raise EngineError(f"{found!r:.300} in place of {expected!r:.300}")
