"""The bench of the detection of relationships; `run.mjs` starts it."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from databases import DATABASES, load
from fit import fit
from measure import Measured, measure
from oracle import contradictions
from rules import named_in_rules
from sets import SETS, create

MIN_PRECISION = 0.95
# Of the links to keys of one column, where the second number is so; what else is found depends on the scale.
MIN_RECALL = {"tpcds": 0.9, "tpch": 0.85, "lahman": 0.85}
MIN_F1 = {"nycflights13": 0.7}


def main() -> int:
    """Run the command line; return 1 if a goal is missed or a rule names a table or column of a set."""
    parser = argparse.ArgumentParser(description="Detect the relationships of sets with known ones")
    parser.add_argument("sets", nargs="*", help=f"all by default: {', '.join(SETS)}")
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=list(DATABASES))
    parser.add_argument("--details", action="store_true", help="print what is wrong, missed, and for review")
    parser.add_argument("--oracle", action="store_true", help="compare the counts of inclusions with Desbordante's")
    parser.add_argument("--no-fit", action="store_true", help="do not fit the thresholds")
    options = parser.parse_args()
    if unknown := [name for name in options.sets if name not in SETS]:
        parser.error(f"unknown set {unknown[0]}; known: {', '.join(SETS)}")
    results: list[Measured] = []
    missed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="ktx-relationships-") as folder:
        print(f"{'set':14}{'database':10}{Measured.HEADER}")
        for name in options.sets or SETS:
            source = create(name, Path(folder))
            for database in options.databases:
                with load(database, source) as connection:
                    result = measure(name, database, connection)
                results.append(result)
                print(f"{name:14}{database:10}{result.row()}", flush=True)
                if options.details:
                    print(result.details(), end="")
                if options.oracle:
                    with tempfile.TemporaryDirectory(prefix="ktx-oracle-") as exported:
                        missed += contradictions(result, source, Path(exported))
    missed += [goal for result in results for goal in missed_goals(result)]
    missed += named_in_rules({result.name: result.names for result in results})
    if not options.no_fit:
        fit([result for result in results if result.database == options.databases[0]])
    for goal in missed:
        print(f"missed: {goal}")
    return 1 if missed else 0


def missed_goals(result: Measured) -> list[str]:
    """Return the goals that a result misses, as sentences."""
    score = result.links
    where = f"{result.name} on {result.database}"
    goals = [
        (score.precision, MIN_PRECISION, "precision"),
        (result.single_links.recall, MIN_RECALL.get(result.name, 0), "recall of single links"),
        (score.f1, MIN_F1.get(result.name, 0), "F1"),
    ]
    return [f"{what} of {where} is {value:.3f}, not {goal}" for value, goal, what in goals if value < goal]


if __name__ == "__main__":
    sys.exit(main())
