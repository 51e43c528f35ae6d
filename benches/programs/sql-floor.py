"""Measure the time of sqlglot to parse statements, and to generate SQL, on one core: `{"seconds": …}`.

    python sql-floor.py FILE parse|write

The file is a JSON list of texts.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import sqlglot

texts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
sqlglot.parse_one("SELECT 1", dialect="postgres").sql("postgres")
begin = time.perf_counter()
for text in texts:
    tree = sqlglot.parse_one(text, dialect="postgres")
    if sys.argv[2] == "write":
        tree.sql("postgres", copy=False)
print(json.dumps({"seconds": time.perf_counter() - begin}))
