"""The comparison of the semantic layer with MetricFlow; `run.mjs` starts it."""

from __future__ import annotations

import argparse
import dataclasses
import random
import sys
from collections import Counter
from dataclasses import dataclass

import data
import duckdb
import msgspec
from differences import find_reason, split
from metricflow.engine.metricflow_engine import MetricFlowEngine
from metricflow_engine import create_engine, fetch, render
from model import sources
from questions import KINDS, Question

from semantic_layer.compiler import compile_query
from semantic_layer.errors import SemanticError
from semantic_layer.model.models import Source
from semantic_layer.model.queries import Query

RESULTS = ("equal", "differ", "refused by KTX", "refused by MetricFlow")
UNEXPLAINED = "unexplained"


@dataclass(frozen=True)
class Outcome:
    """What became of a question, one of RESULTS, with the reason of a difference or the message of an error."""

    question: Question
    result: str
    why: str = ""


def main() -> int:
    """Run the command line; return 1 if a difference is unexplained."""
    parser = argparse.ArgumentParser(description="Compare answers with those of MetricFlow")
    parser.add_argument("--seed", type=int, default=1, help="draws other questions")
    parser.add_argument("--details", action="store_true", help="print each question whose answers are not equal")
    options = parser.parse_args()
    connection, engine = data.create(), create_engine()
    model = msgspec.convert(sources(), list[Source])
    outcomes = [ask(question, model, engine, connection) for question in draw(options.seed)]
    for item in outcomes if options.details else []:
        if item.result != "equal":
            print(f"{item.question.kind}: {item.result}: {item.why}\n  {item.question.query}")
    print_table(outcomes)
    return int(any(item.why == UNEXPLAINED for item in outcomes))


def draw(seed: int) -> list[Question]:
    """Return the questions of a seed."""
    found: list[Question] = []
    for kind, (function, count) in KINDS.items():
        generator = random.Random(f"{seed} {kind}")
        found += [dataclasses.replace(function(generator), kind=kind) for _ in range(count)]
    return found


def ask(
    question: Question, model: list[Source], engine: MetricFlowEngine, connection: duckdb.DuckDBPyConnection
) -> Outcome:
    """Ask both engines and compare their rows."""
    try:
        ours = compile_query(model, msgspec.convert(question.query, Query), "duckdb")
    except SemanticError as error:
        return Outcome(question, "refused by KTX", str(error))
    try:
        theirs = render(engine, question.metrics, question.group_by, question.where)
    except Exception as error:  # noqa: BLE001 # of many classes
        return Outcome(question, "refused by MetricFlow", str(error).strip().splitlines()[0])
    names = [column.alias for column in ours.columns]
    groups = names[: len(question.group_by)]
    left = split(fetch(connection, ours.sql), groups, names[len(groups) :])
    right = split(fetch(connection, theirs), question.group_by, question.metrics)
    reason = find_reason(left, right)
    if reason is None:
        return Outcome(question, "differ", UNEXPLAINED)
    return Outcome(question, "differ" if reason else "equal", reason)


def print_table(outcomes: list[Outcome]) -> None:
    """Print the results of each kind as a table in Markdown, with the number of questions for each reason."""
    print(f"| kind | questions | {' | '.join(RESULTS)} | reasons of differences |")
    print(f"| --- |{' ---: |' * (len(RESULTS) + 1)} --- |")
    for kind in [*KINDS, "all"]:
        found = [item for item in outcomes if kind in (item.question.kind, "all")]
        counts = Counter(item.result for item in found)
        reasons = Counter(item.why for item in found if item.result == "differ")
        text = "; ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
        print(f"| {kind} | {len(found)} | {' | '.join(str(counts[result]) for result in RESULTS)} | {text} |")


if __name__ == "__main__":
    sys.exit(main())
