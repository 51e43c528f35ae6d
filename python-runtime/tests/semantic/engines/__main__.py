"""The command line: prints a table of engines and states, and returns 1 if a difference is not listed in `known`."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.semantic.engines import parsers, tpch
from tests.semantic.engines.adapter import EngineDatabase
from tests.semantic.engines.known import Listed
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
    parser.add_argument("--suite", choices=[*LONG, "TPC-H"], help="one list of questions only")
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
        problems = []
        for name in names:
            report = Report(name, options.refused)
            run(report, suites, data)
            problems += report.problems if options.suite else report.problems + report.stale()
    print(*(["", *problems] if problems else ["", "no difference that is not listed"]), sep="\n")
    return int(bool(problems))


class Report:
    """Prints the rows of an engine, and keeps what is wrong and not listed."""

    def __init__(self, engine: str, show_refused: bool) -> None:
        self.engine = engine
        self.problems: list[str] = []
        self._show_refused = show_refused
        self._listed = Listed(engine)
        self._is_complete = True

    def add(self, suite: str, outcomes: Iterable[Outcome]) -> None:
        """Print the row of a list of questions."""
        counts: Counter[str] = Counter()
        for outcome in outcomes:
            if outcome.state == REFUSED and self._show_refused:
                print(f"  {outcome.question}: {outcome.detail}")
            counts[outcome.state] += 1
            difference = f"{suite}, {outcome.question}: {outcome.detail}"
            if outcome.state in (DIFFERS, FAILED) and not self._listed.has(difference):
                self.problems.append(f"{self.engine}, {outcome.state}: {difference}")
        cells = "  ".join(f"{counts[state]:>4} {state}" for state in STATES)
        print(f"{self.engine:<20} {suite:<12} {cells}", flush=True)

    def stop(self, suite: str, reason: Exception) -> None:
        """Keep why a list of questions, and what follows it, was not asked."""
        self._is_complete = False
        self.problems.append(f"{self.engine}, {suite}: {reason}")

    def skip(self, reason: Exception) -> None:
        """Print why the engine is not asked."""
        self._is_complete = False
        print(f"{self.engine:<20} cannot run here: {reason}", flush=True)

    def stale(self) -> list[str]:
        """Return the listed differences that all questions together did not have."""
        stale = self._listed.stale() if self._is_complete else []
        return [f"{self.engine}: no difference is {pattern!r}; remove it from known.py" for pattern in stale]


def run(report: Report, suites: dict[str, Check], data: Tpch | None) -> None:
    """Ask all questions of an engine."""
    if report.engine in parsers.DIALECTS:
        _parse(report, suites)
        return
    engine = ENGINES[report.engine]()
    with tempfile.TemporaryDirectory(prefix="ktx-engine-") as folder:
        Path(folder).chmod(0o755)  # some servers run as another user
        suite = "start"
        try:
            engine.prepare()
            engine.start(Path(folder))
            database = EngineDatabase(engine)
            for suite, check in suites.items():
                report.add(suite, check(database))
            if data:
                suite = "TPC-H"
                report.add(suite, tpch.check(engine, database, data))
        except UnavailableError as error:
            report.skip(error)
        except EngineError as error:
            report.stop(suite, error)
        finally:
            engine.stop()


def _parse(report: Report, suites: dict[str, Check]) -> None:
    """Parse the statements of all questions."""
    parsers.SQLFLUFF.prepare()
    texts = parsers.Texts(report.engine)
    checks = {suite: check(texts) for suite, check in suites.items()} | {"TPC-H": texts.check_tpch()}
    for suite, outcomes in checks.items():
        report.add(suite, parsers.parse(outcomes, texts))


if __name__ == "__main__":
    sys.exit(main())
