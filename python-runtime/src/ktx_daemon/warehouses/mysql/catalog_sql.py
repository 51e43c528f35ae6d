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
# Older and compatible servers lack generated columns and checks.
OPTIONAL = """
    SELECT CONCAT(TABLE_NAME, '.', COLUMN_NAME) FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA = 'information_schema' AND (
        (TABLE_NAME = 'COLUMNS' AND COLUMN_NAME = 'GENERATION_EXPRESSION')
        OR (TABLE_NAME = 'CHECK_CONSTRAINTS' AND COLUMN_NAME IN ('CHECK_CLAUSE', 'TABLE_NAME'))
    )
"""
# `PRIVILEGES` has those of the user and of its roles for the column.
COLUMNS = """
    SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_KEY, COLUMN_COMMENT, EXTRA,
        {generated}, COLUMN_DEFAULT, FIND_IN_SET('select', PRIVILEGES) > 0
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
# Empty without the privilege SHOW VIEW.
DEFINITIONS = """
    SELECT TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA IN ({schemas})
"""
# One row for each partition; those of a table have the same expressions.
PARTITIONS = """
    SELECT DISTINCT TABLE_SCHEMA, TABLE_NAME, PARTITION_METHOD, PARTITION_EXPRESSION FROM information_schema.PARTITIONS
    WHERE PARTITION_METHOD IS NOT NULL AND TABLE_SCHEMA IN ({schemas})
"""
# MySQL has the table of a check in the view of all constraints only, and MariaDB in that of the checks, where their
# names may be those of columns. Older servers have no checks.
CHECKS_OF_MYSQL = """
    SELECT t.TABLE_SCHEMA, t.TABLE_NAME, c.CONSTRAINT_NAME, c.CHECK_CLAUSE
    FROM information_schema.CHECK_CONSTRAINTS AS c
    JOIN information_schema.TABLE_CONSTRAINTS AS t
        ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME
    WHERE t.CONSTRAINT_TYPE = 'CHECK' AND t.TABLE_SCHEMA IN ({schemas})
    ORDER BY t.TABLE_SCHEMA, t.TABLE_NAME, c.CONSTRAINT_NAME
"""
CHECKS_OF_MARIADB = """
    SELECT CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS
    WHERE CONSTRAINT_SCHEMA IN ({schemas}) ORDER BY CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME
"""
