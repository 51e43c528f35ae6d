"""Measure the semantic layer over a generated model of N tables in seconds of CPU time and MB:
`{"generate", "validate", "first", "query", "parse", "megabytes"}`.

    python semantic-scale.py N FILE

The tables have 13 columns, and keys to two others; the model is written to FILE. `first` is the first query over the
model, `query` the median of others, and `megabytes` the memory of a process after them. `parse` is one pass of
sqlglot's parser over all expressions.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

QUERIES = 60
TYPES = {
    "amount": "numeric(12,2)",
    "price": "numeric",
    "quantity": "integer",
    "discount": "double precision",
    "tax": "numeric",
    "weight": "real",
    "status": "varchar(20)",
    "label": "text",
    "city": "text",
    "active": "boolean",
    "created_at": "timestamp",
    "due": "date",
}


def schema(count: int) -> dict[str, Any]:
    """Return the tables of a tree, each with keys to its two children, and the links of the keys."""
    tables, links = [], []
    for number in range(count):
        children = [child for child in (2 * number + 1, 2 * number + 2) if child < count]
        columns = [{"name": "id", "type": "bigint", "primary_key": True}]
        columns += [{"name": name, "type": kind} for name, kind in TYPES.items()]
        columns += [{"name": f"t{child}_id", "type": "bigint"} for child in children]
        tables.append({"name": f"t{number}", "db": "public", "columns": columns})
        links += [
            {"from_table": f"t{number}", "to_table": f"t{child}", "from_column": f"t{child}_id", "to_column": "id"}
            for child in children
        ]
    return {"tables": tables, "links": links, "dialect": "postgres"}


def seconds(job: Callable[[], object]) -> float:
    begin = time.process_time()
    job()
    return time.process_time() - begin


def measure_model(count: int, file: Path) -> dict[str, float]:
    """Generate and validate the model, parse its expressions, and write it to a file."""
    import msgspec
    import sqlglot
    from ktx_daemon.semantic import run
    from ktx_daemon.semantic.requests import GenerateSources, ValidateSources

    request = msgspec.convert(schema(count), GenerateSources)
    run.generate_sources(msgspec.convert(schema(3), GenerateSources))  # imports and tables of the dialect
    answer: dict[str, Any] = {}
    generate = seconds(lambda: answer.update(run.generate_sources(request)))
    sources = answer["sources"]
    file.write_bytes(msgspec.json.encode(sources))
    validated = msgspec.convert({"sources": sources, "dialect": "postgres"}, ValidateSources)
    validate = seconds(lambda: run.validate(validated))
    texts = [item["expr"] for source in sources for item in source["measures"]]
    texts += [join["on"] for source in sources for join in source.get("joins", [])]
    parse = seconds(lambda: [sqlglot.parse_one(text, dialect="postgres") for text in texts])
    return {"generate": generate, "validate": validate, "parse": parse}


def measure_queries(count: int, file: Path) -> dict[str, float]:
    """Compile different queries over the model of a file."""
    from ktx_daemon.semantic import cached

    def body(number: int) -> bytes:
        parent = number * 37 % (count // 8)
        measures = [f"t{parent}.total_amount", f"t{2 * parent + 1}.count"]
        query = {"measures": measures, "dimensions": [f"t{4 * parent + 3}.city"], "limit": 1000 + number}
        return b'{"sources":%s,"query":%s,"dialect":"postgres"}' % (file.read_bytes(), json.dumps(query).encode())

    times = [seconds(partial(cached.query, body(number))) for number in range(QUERIES)]
    status = Path("/proc/self/status").read_text(encoding="utf-8").split()
    kilobytes = int(status[status.index("VmRSS:") + 1])
    return {"first": times[0], "query": statistics.median(times[1:]), "megabytes": kilobytes / 1024}


def main() -> None:
    count, file = int(sys.argv[1]), Path(sys.argv[2])
    if len(sys.argv) > 3:
        print(json.dumps(measure_queries(count, file)))
        return
    measured = measure_model(count, file)
    # In a process of its own, whose memory is that of queries only.
    command = [sys.executable, __file__, *sys.argv[1:3], "queries"]
    measured |= json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    print(json.dumps(measured))


main()
