"""The questions of the semantic layer on every engine that runs here, compared with DuckDB and with written values.

    PYTHONPATH=src .venv/bin/python -m tests.semantic.engines [engine …]

`suites.SUITES` lists the questions: a new list is one line there.
"""
