"""How long planning and validating take as a model grows: planning stays far below parsing the model's expressions.

    python-runtime/.venv/bin/python benches/semantic_planning.py

Each source has 21 columns, 10 measures and joins to two others; the query combines three facts over a shared
dimension. Milliseconds, the best of five.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import msgspec
import sqlglot

from semantic_layer.compiler import compile_query
from semantic_layer.models import Query, Source
from semantic_layer.validation import validate

SIZES = (75, 300, 1200)
RUNS = 5
QUERY = Query(measures=["s0.m1", "s1.m2", "s3.m3"], dimensions=["s7.c3"])


def model(size: int) -> list[Source]:
    """Make a tree of sources, each of which refers to two others."""
    return msgspec.convert([source(number, size) for number in range(size)], list[Source])


def source(number: int, size: int) -> dict[str, Any]:
    """Make one source as JSON."""
    targets = [target for target in (number * 2 + 1, number * 2 + 2) if target < size]
    return {
        "name": f"s{number}",
        "table": f"warehouse.s{number}",
        "grain": ["id"],
        "columns": [{"name": name, "type": "number"} for name in ("id", *(f"c{index}" for index in range(20)))],
        "joins": [
            {"to": f"s{target}", "on": f"c{index} = s{target}.id", "relationship": "many_to_one"}
            for index, target in enumerate(targets)
        ],
        "measures": [{"name": f"m{index}", "expr": f"sum(c{index}) / count(*)"} for index in range(10)],
    }


def parse(sources: list[Source]) -> None:
    """Parse every expression of the model, and nothing else."""
    for item in sources:
        for text in (*(measure.expr for measure in item.measures), *(join.on for join in item.joins)):
            sqlglot.parse_one(text, dialect="postgres")


def milliseconds(job: Callable[[], object]) -> float:
    """Give the best time of several runs."""
    times = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        job()
        times.append(time.perf_counter() - begin)
    return min(times) * 1000


def main() -> None:
    """Print the table."""
    print("sources     plan    parse  validate")
    for size in SIZES:
        sources = model(size)
        plan = milliseconds(lambda of=sources: compile_query(of, QUERY, "postgres"))
        whole = milliseconds(lambda of=sources: parse(of))
        check = milliseconds(lambda of=sources: validate(of, "postgres"))
        print(f"{size:7d} {plan:8.1f} {whole:8.1f} {check:9.1f}")


if __name__ == "__main__":
    main()
