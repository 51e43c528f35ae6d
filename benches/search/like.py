"""The floor of a search: one scan of the names of all columns by LIKE, for each query.

python like.py FILE QUERIES    (a SQLite database, a JSON list of texts; prints a JSON list of milliseconds)
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from pathlib import Path

file, queries = sys.argv[1:]
connection = sqlite3.connect(":memory:")
connection.execute("ATTACH ? AS source", (file,))
connection.execute("""
    CREATE TABLE names AS SELECT t.name || '.' || c.name AS name
    FROM source.sqlite_schema AS t, pragma_table_info(t.name, 'source') AS c WHERE t.type = 'table'
""")
durations = []
for text in json.loads(Path(queries).read_text(encoding="utf-8")):
    patterns = [f"%{word}%" for word in text.split()]
    sql = f"SELECT name FROM names ORDER BY {' + '.join(['(name LIKE ?)'] * len(patterns))} DESC, name LIMIT 10"
    begin = time.perf_counter()
    connection.execute(sql, patterns).fetchall()
    durations.append((time.perf_counter() - begin) * 1000)
print(json.dumps(durations))
