"""Measure the CPU time to analyse a query log on one core with a cache: `{"seconds": …}`.

    python statement-cache.py FILE templates|texts

The file is a JSON list of `{"dialect", "sql"}`. `templates` is the template cache of the daemon, in batches of
1,000; `texts` is an LRU cache of 4,000 entries by text.
"""

from __future__ import annotations

import functools
import json
import sys
import time
from collections import defaultdict
from pathlib import Path

from ktx_daemon.sql.analysis import analyze
from ktx_daemon.sql.dialects import require_dialect
from ktx_daemon.sql.query_log import Failure, analyze_query_log

BATCH = 1000


@functools.lru_cache(maxsize=4000)
def cached(text: str, dialect: str) -> object:
    return analyze(text, require_dialect(dialect))


def by_templates(log: list[dict[str, str]]) -> None:
    for start in range(0, len(log), BATCH):
        batches = defaultdict(list)
        for entry in log[start : start + BATCH]:
            batches[entry["dialect"]].append(entry["sql"])
        for dialect, texts in batches.items():
            for result in analyze_query_log(texts, dialect, max_workers=1):
                if isinstance(result, Failure):
                    raise SystemExit(result.message)


def by_texts(log: list[dict[str, str]]) -> None:
    for entry in log:
        cached(entry["sql"], entry["dialect"])


log = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
for name in {entry["dialect"] for entry in log}:
    analyze("SELECT 1", require_dialect(name))
begin = time.process_time()
{"templates": by_templates, "texts": by_texts}[sys.argv[2]](log)
print(json.dumps({"seconds": time.process_time() - begin}))
