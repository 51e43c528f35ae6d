"""The command line: prints a table of engines and states, and returns 1 if a difference is not listed in `known`."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.semantic.engines import parsers, tpch
from tests.semantic.engines.adapter import EngineDatabase
from tests.semantic.engines.known import known_reason
from tests.semantic.engines.outcomes import DIFFERS, FAILED, REFUSED, STATES, Outcome
from tests.semantic.engines.suites import LONG, SHORT, Check
from tests.warehouses.engines import ENGINES
from tests.warehouses.errors import EngineError, UnavailableError
from tests.warehouses.tpch import Tpch, generate

# Without the second wires and the old servers of an engine.
DEFAULT = (
    "clickhouse-chdb sail spark-connect snowflake-fakesnow databend bigquery-local postgres mariadb duckdb sqlite"
    " redshift trino tsql"
)


def main() -> int:
    """Run the questions on engines; return 1 after a difference that is not listed."""
    parser = argparse.ArgumentParser(prog="python -m tests.semantic.engines", description=__doc__)
    engines = f"by default: {DEFAULT}; {', '.join(parsers.DIALECTS)} are parsed, and not run"
    parser.add_argument("engines", nargs="*", metavar="engine", help=engines)
    parser.add_argument("--refused", action="store_true", help="also list what is refused")
    parser.add_argument("--suite", help="one list of questions only")
    parser.add_argument("--short", action="store_true", help="fewer random questions, and no TPC-H")
    options = parser.parse_args()
    names = options.engines or DEFAULT.split()
    if unknown := [name for name in names if name not in (*ENGINES, *parsers.DIALECTS)]:
        parser.error(f"unknown engine {unknown[0]}; known: {', '.join(ENGINES)}")
    # Servers are stopped on this signal too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="ktx-tpch-") as folder:
        Path(folder).chmod(0o755)
        data = None if options.short or options.suite not in (None, "TPC-H") else generate(Path(folder))
        suites = SHORT if options.short else LONG
        suites = {name: check for name, check in suites.items() if options.suite in (None, name)}
        problems = [problem for name in names for problem in run(name, suites, data, options.refused)]
    print(*(["", *problems] if problems else ["", "no difference that is not listed"]), sep="\n")
    return int(bool(problems))


def run(name: str, suites: dict[str, Check], data: Tpch | None, show_refused: bool) -> list[str]:
    """Run all questions on an engine, print its rows of the table, and return what is wrong and not listed."""
    if name in parsers.DIALECTS:
        return _parse(name, suites, show_refused)
    engine = ENGINES[name]()
    problems: list[str] = []
    with tempfile.TemporaryDirectory(prefix="ktx-engine-") as folder:
        Path(folder).chmod(0o755)  # some servers run as another user
        try:
            engine.prepare()
            engine.start(Path(folder))
            database = EngineDatabase(engine)
            for suite, check in suites.items():
                problems += _tally(name, suite, check(database), show_refused)
            if data:
                problems += _tally(name, "TPC-H", tpch.check(engine, database, data), show_refused)
        except UnavailableError as error:
            print(f"{name:<20} cannot run here: {error}", flush=True)
        except EngineError as error:
            problems.append(f"{name}: {error}")
        finally:
            engine.stop()
    return problems


def _parse(name: str, suites: dict[str, Check], show_refused: bool) -> list[str]:
    """Parse the statements of all questions, and return those that are not valid."""
    parsers.SQLFLUFF.prepare()
    texts = parsers.Texts(name)
    checks = {suite: check(texts) for suite, check in suites.items()} | {"TPC-H": texts.check_tpch()}
    return [
        problem
        for suite, outcomes in checks.items()
        for problem in _tally(name, suite, parsers.parse(outcomes, texts), show_refused)
    ]


def _tally(name: str, suite: str, outcomes: Iterator[Outcome], show_refused: bool) -> list[str]:
    """Print the row of a list of questions, and return its problems."""
    counts: Counter[str] = Counter()
    problems = []
    for outcome in outcomes:
        if outcome.state == REFUSED and show_refused:
            print(f"  {outcome.question}: {outcome.detail}")
        counts[outcome.state] += 1
        difference = f"{suite}, {outcome.question}: {outcome.detail}"
        if outcome.state in (DIFFERS, FAILED) and not known_reason(name, difference):
            problems.append(f"{name}, {outcome.state}: {difference}")
    cells = "  ".join(f"{counts[state]:>4} {state}" for state in STATES)
    print(f"{name:<20} {suite:<12} {cells}", flush=True)
    return problems


if __name__ == "__main__":
    sys.exit(main())
