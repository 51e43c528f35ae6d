"""Folders of data files, which DuckDB reads through views in a database in memory."""
