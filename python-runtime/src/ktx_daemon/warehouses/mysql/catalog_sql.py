"""Queries of the information schema of MySQL and MariaDB: one for each kind of object.

`{schemas}` is the list of the parameters' marks.
"""

from __future__ import annotations

SCHEMAS = "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA"
# Rows and bytes are estimates of the storage engine. It forgets the time of the last change when the server restarts.
TABLES = """
    SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, TABLE_COMMENT, TABLE_ROWS, DATA_LENGTH, UPDATE_TIME
    FROM information_schema.TABLES
    WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'VIEW', 'SYSTEM VIEW') AND TABLE_SCHEMA IN ({schemas})
"""
# Older and compatible servers lack generated columns.
HAS_GENERATED = """
    SELECT 1 FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA = 'information_schema' AND TABLE_NAME = 'COLUMNS' AND COLUMN_NAME = 'GENERATION_EXPRESSION'
"""
COLUMNS = """
    SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_KEY, COLUMN_COMMENT, EXTRA,
        {generated}
    FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA IN ({schemas}) ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION
"""
FOREIGN_KEYS = """
    SELECT TABLE_SCHEMA, TABLE_NAME,
        COLUMN_NAME, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME, CONSTRAINT_NAME
    FROM information_schema.KEY_COLUMN_USAGE
    WHERE REFERENCED_TABLE_NAME IS NOT NULL AND TABLE_SCHEMA IN ({schemas})
    ORDER BY TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION
"""
# One row for each column; a part of an index that is an expression has no column.
INDEXES = """
    SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, NON_UNIQUE = 0, COLUMN_NAME, SUB_PART IS NULL
    FROM information_schema.STATISTICS
    WHERE INDEX_TYPE <> 'FULLTEXT' AND TABLE_SCHEMA IN ({schemas})
    ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX
"""
