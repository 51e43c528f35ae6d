"""Runs the detection on a connection: introspection, profile, proposal, counts, detection."""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import msgspec
from databases import Connection
from truth import Link, Score, Truth, describe, key, link

from ktx_daemon.introspection.requests import IntrospectDatabase
from ktx_daemon.introspection.run import introspect_database
from ktx_daemon.profile.requests import LinkCheck, ProfileColumn, ProfileDatabase, ProfileTable, TableColumns
from ktx_daemon.profile.run import profile_database

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "target" / "debug" / "examples" / "relationships"
# As `hashes_of_column` of the core.
MAX_HASHES, ALL_HASHES = 4096, 8_000_000


@dataclass
class Measured:
    """The detection of a set on a database."""

    HEADER: ClassVar[str] = (
        f"{'precision':>10}{'recall':>8}{'F1':>7}{'single':>8}{'review':>8}"
        f"{'keys: P':>9}{'R':>7}{'tables':>8}{'columns':>9}{'statements':>12}{'s':>7}{'core s':>8}"
    )

    name: str
    database: str
    # What the program reads, and the counts.
    request: dict[str, Any]
    detection: dict[str, Any]
    statements: int
    seconds: float
    core_seconds: float

    @cached_property
    def truth(self) -> Truth:
        """The keys and links of the set."""
        return Truth.read(self.name)

    @property
    def accepted(self) -> frozenset[Link]:
        """The links that were accepted."""
        return frozenset(self.links_of("accepted"))

    @property
    def links(self) -> Score:
        """The score of all links."""
        return Score.of(self.accepted, self.truth.links)

    @property
    def single_links(self) -> Score:
        """The score of links of one column."""
        return Score.of(
            *(frozenset(item for item in links if len(item[2]) == 1) for links in (self.accepted, self.truth.links))
        )

    @property
    def keys(self) -> Score:
        """The score of keys."""
        accepted = [item for item in self.detection["keys"] if item["status"] == "accepted"]
        return Score.of(
            frozenset(key(table_name(item["table"]), item["columns"]) for item in accepted), self.truth.keys
        )

    @property
    def names(self) -> set[str]:
        """Names of the tables and columns of the set."""
        tables = self.request["input"]["tables"]
        return {table["name"] for table in tables} | {column["name"] for table in tables for column in table["columns"]}

    def links_of(self, status: str) -> dict[Link, dict[str, Any]]:
        """Return the links with a status."""
        found = (item for item in self.detection["relationships"] if item["status"] == status)
        return {
            link(
                table_name(item["from"]["table"]),
                item["from"]["columns"],
                table_name(item["to"]["table"]),
                item["to"]["columns"],
            ): item
            for item in found
        }

    def row(self) -> str:
        """Return the row of the table."""
        tables = self.request["input"]["tables"]
        columns = sum(len(table["columns"]) for table in tables)
        return (
            f"{self.links.precision:10.3f}{self.links.recall:8.3f}{self.links.f1:7.3f}{self.single_links.recall:8.3f}"
            f"{len(self.links_of('review')):8}{self.keys.precision:9.3f}{self.keys.recall:7.3f}{len(tables):8}"
            f"{columns:9}{self.statements:12}{self.seconds:7.1f}{self.core_seconds:8.2f}"
        )

    def details(self) -> str:
        """Return what is wrong, missed, and for review."""
        accepted, review = self.links_of("accepted"), self.links_of("review")
        rejected = self.links_of("rejected")
        lines = [
            f"  wrong   {explain(item, accepted[item])}"
            for item in sorted(accepted.keys() - self.truth.links, key=describe)
        ]
        for item in sorted(self.truth.links - accepted.keys(), key=describe):
            known = review.get(item) or rejected.get(item)
            lines.append(f"  missed  {explain(item, known) if known else describe(item)}")
        lines += [
            f"  review  {explain(item, review[item])}"
            for item in sorted(review.keys() - self.truth.links, key=describe)
        ]
        return "".join(f"{line}\n" for line in lines)


def explain(item: Link, found: dict[str, Any]) -> str:
    """Return a link with its evidence."""
    evidence = ", ".join(f"{signal['kind']} {signal['value']:g}" for signal in found["evidence"])
    return f"{describe(item)}: {found['status']} {found['score']:.2f} ({evidence})"


def table_name(label: str) -> str:
    """Return the name of a table without its schema."""
    return label.split(".", 1)[-1]


def measure(name: str, database: str, connection: Connection) -> Measured:
    """Detect the relationships of a set."""
    begin = time.perf_counter()
    tables = introspect(connection)
    columns = sum(len(table["columns"]) for table in tables)
    hashes = min(MAX_HASHES, ALL_HASHES // columns)
    profile = run_profile(connection, tables=[profile_table(table) for table in tables], hashes=hashes)
    request: dict[str, Any] = {"input": {"tables": tables, "profiles": profile["tables"]}}
    proposal, propose_seconds = detect(request)
    keys = msgspec.convert(proposal["keys"], list[TableColumns])
    links = msgspec.convert(proposal["links"], list[LinkCheck])
    counts = run_profile(connection, keys=keys, links=links)
    request |= {"keys": counts["keys"], "links": counts["links"]}
    detection, conclude_seconds = detect(request)
    statements = sum(table["statements"] for table in profile["tables"]) + len(keys) + len(links)
    seconds = time.perf_counter() - begin
    return Measured(name, database, request, detection, statements, seconds, propose_seconds + conclude_seconds)


def introspect(connection: Connection) -> list[dict[str, Any]]:
    """Return the tables of a connection."""
    schemas = [connection.schema] if connection.schema else None
    request = IntrospectDatabase("bench", connection.driver, connection.url, schemas=schemas)
    tables: list[dict[str, Any]] = json.loads(msgspec.json.encode(introspect_database(request)))["tables"]
    return tables


def profile_table(table: dict[str, Any]) -> ProfileTable:
    """Return the request for the profile of a table."""
    columns = [ProfileColumn(column["name"], column["type"]) for column in table["columns"]]
    return ProfileTable(table["catalog"], table["db"], table["name"], columns, table["kind"], table["estimated_rows"])


def run_profile(connection: Connection, **parts: Any) -> dict[str, Any]:
    """Profile tables, or count keys and links."""
    limits = {"table_timeout_ms": 600_000, "statement_timeout_ms": 600_000}
    request = ProfileDatabase("bench", connection.driver, connection.url, **parts, **limits)
    answer: dict[str, Any] = json.loads(msgspec.json.encode(profile_database(request)))
    return answer


def detect(request: dict[str, Any]) -> tuple[dict[str, Any], float]:
    """Run the program; return its answer and the seconds."""
    begin = time.perf_counter()
    answer = subprocess.run([PROGRAM], input=json.dumps(request).encode(), stdout=subprocess.PIPE, check=True).stdout
    return json.loads(answer), time.perf_counter() - begin
