"""The command line of the harness."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.daemon import Daemon
from tests.warehouses.engines import ENGINES
from tests.warehouses.report import FAILED, report
from tests.warehouses.tpch import SCALE, generate


def main() -> int:
    """Run engines or update their locks; return 1 if a cell failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.warehouses", description="Run TPC-H on real engines")
    parser.add_argument("engines", nargs="*", metavar="engine", help=f"all by default: {', '.join(ENGINES)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report as JSON")
    parser.add_argument("--update-locks", action="store_true", help="resolve the packages of the engines again")
    options = parser.parse_args()
    names = options.engines or list(ENGINES)
    if unknown := [name for name in names if name not in ENGINES]:
        parser.error(f"unknown engine {unknown[0]}; known: {', '.join(ENGINES)}")
    # Servers are stopped on this signal too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    if options.update_locks:
        for environment in {engine.environment for name in names if (engine := ENGINES[name]).environment}:
            environment.update_lock()
        return 0
    rows = run(names)
    if options.json:
        found = {"scale": SCALE, "engines": rows}
        options.json.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return int(any(cell["state"] == FAILED for row in rows.values() for cell in row["cells"].values()))


def run(names: list[str]) -> dict[str, Any]:
    """Run engines one after the other, print the row of each, and return the rows."""
    rows = {}
    with tempfile.TemporaryDirectory(prefix="ktx-tpch-") as folder, Daemon() as daemon:
        Path(folder).chmod(0o755)
        data = generate(Path(folder))
        for name in names:
            rows[name] = row = report(ENGINES[name](), daemon, data)
            print(f"\n{name} {row['version']} ({row['dialect']}), {row['seconds']} s")
            for cell, found in row["cells"].items():
                detail = f": {found['detail']}" if "detail" in found else ""
                print(f"  {cell:<17} {found['state']}{detail}", flush=True)
    return rows


if __name__ == "__main__":
    sys.exit(main())
