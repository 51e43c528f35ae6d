"""Queries of PostgreSQL's catalog: one for each kind of object.

The columns, indexes and keys of a table are encoded as one JSON text each, which is copied into the response: decoding
rows in the driver, which is Python, is slower. Concatenating mostly constant text is faster than PostgreSQL's JSON
functions.

Expressions and views are decoded while the server holds a lock on their table, so that these queries wait for tables
that are being changed; without `decodes`, they have no expressions and wait for none.

Columns of the catalog that older and compatible servers may lack are in `Catalog.columns`; the queries do without them.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

SCHEMAS = """
    SELECT nspname FROM pg_catalog.pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY nspname
"""
# The columns and functions of the catalog that are not in every version.
COLUMNS_OF_THE_CATALOG = """
    SELECT c.relname || '.' || a.attname FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'pg_catalog' AND c.relname IN (
        'pg_attribute', 'pg_class', 'pg_constraint', 'pg_enum', 'pg_extension', 'pg_index'
    )
    UNION ALL SELECT 'function.' || p.proname FROM pg_catalog.pg_proc AS p
    WHERE p.proname IN ('has_any_column_privilege', 'pg_get_partkeydef', 'row_security_active')
"""
# Types by their OID: the base type of a domain, the labels of an enumeration as a JSON array, the checks of a domain.
TYPES = """
    SELECT t.oid, CASE WHEN t.typtype = 'd' THEN t.typbasetype END, (
        SELECT CAST(json_agg(CAST(e.enumlabel AS text) ORDER BY e.enumsortorder) AS text)
        FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = t.oid
    ), (
        SELECT string_agg(pg_catalog.pg_get_constraintdef(k.oid), ' ')
        FROM pg_catalog.pg_constraint AS k WHERE k.contypid = t.oid AND k.contype = 'c'
    )
    FROM pg_catalog.pg_type AS t WHERE t.typtype IN ('d', 'e')
"""
# A table that was never analysed has no estimate; a partitioned table has one if all partitions have. `relpages` is a
# statistic: the exact size would wait for the locks of tables that are being changed.
RELATIONS = """
    SELECT n.nspname, c.relname, CAST(c.relkind AS text), d.description,
        CASE
            WHEN c.relkind = 'v' OR (c.reltuples = 0 AND c.relpages = 0 AND c.relkind <> 'p') THEN NULL
            WHEN c.reltuples > 0 OR (c.reltuples = 0 AND c.relkind <> 'p') THEN c.reltuples
            WHEN c.relkind = 'p' THEN part.rows
        END,
        CASE WHEN c.relkind = 'p' THEN part.pages WHEN c.relkind IN ('r', 'm') THEN c.relpages + coalesce(t.relpages, 0)
        END * (SELECT CAST(setting AS bigint) FROM pg_catalog.pg_settings WHERE name = 'block_size'),
        {row_security}, {is_readable}, {partition_key}
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_class AS t ON t.oid = c.reltoastrelid
    LEFT JOIN pg_catalog.pg_description AS d
        ON d.objoid = c.oid AND d.classoid = CAST('pg_catalog.pg_class' AS regclass) AND d.objsubid = 0
    LEFT JOIN (
        SELECT i.inhparent, sum(p.reltuples) AS rows,
            CASE WHEN bool_and(p.relkind <> 'p') THEN sum(p.relpages + coalesce(t.relpages, 0)) END AS pages
        FROM pg_catalog.pg_inherits AS i
        JOIN pg_catalog.pg_class AS p ON p.oid = i.inhrelid
        LEFT JOIN pg_catalog.pg_class AS t ON t.oid = p.reltoastrelid
        GROUP BY i.inhparent HAVING min(p.reltuples) >= 0
    ) AS part ON part.inhparent = c.oid
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND {is_whole} AND {is_own}
        AND n.nspname = ANY(CAST(:schemas AS text[]))
"""
# Tables and views of an extension belong to it, and are none of the user's.
OF_EXTENSIONS = """
    SELECT e.objid FROM pg_catalog.pg_depend AS e
    WHERE e.deptype = 'e' AND e.classid = CAST('pg_catalog.pg_class' AS regclass)
        AND e.refclassid = CAST('pg_catalog.pg_extension' AS regclass)
"""
# Defaults that use a sequence.
OF_SEQUENCES = """
    SELECT d.objid FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_class AS s ON s.oid = d.refobjid
    WHERE s.relkind = 'S' AND d.classid = CAST('pg_catalog.pg_attrdef' AS regclass)
        AND d.refclassid = CAST('pg_catalog.pg_class' AS regclass)
"""
COLUMNS = """
    SELECT n.nspname, c.relname, '[' || string_agg(
        '{{"name":' || to_json(CAST(a.attname AS text))
        || ',"type":' || to_json(pg_catalog.format_type(a.atttypid, a.atttypmod))
        || ',"nullable":' || CASE WHEN a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) THEN 'false' ELSE 'true' END
        || ',"primary_key":' || CASE WHEN a.attnum = ANY(k.conkey) THEN 'true' ELSE 'false' END
        || ',"comment":' || coalesce(CAST(to_json(d.description) AS text), 'null')
        || coalesce(',"enum_values":' || CAST(CAST(:values AS jsonb) -> CAST(a.atttypid AS text) AS text), '')
        || coalesce(',"generated":' || to_json({generated}), ',"default":' || to_json({default}), '')
        || CASE WHEN {is_hidden} THEN ',"readable":false' ELSE '' END || '}}',
        ',' ORDER BY a.attnum
    ) || ']'
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_attrdef AS f ON f.adrelid = c.oid AND f.adnum = a.attnum
    LEFT JOIN pg_catalog.pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'p'
    LEFT JOIN pg_catalog.pg_description AS d
        ON d.objoid = c.oid AND d.classoid = CAST('pg_catalog.pg_class' AS regclass) AND d.objsubid = a.attnum
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND {is_whole} AND a.attnum > 0 AND NOT a.attisdropped
        AND n.nspname = ANY(CAST(:schemas AS text[]))
    GROUP BY n.nspname, c.relname
"""
CHECKS = """
    SELECT n.nspname, c.relname, '[' || string_agg(
        '{{"name":' || to_json(CAST(k.conname AS text))
        || ',"expression":' || to_json(pg_catalog.pg_get_expr(k.conbin, k.conrelid)) || '}}',
        ',' ORDER BY k.conname
    ) || ']'
    FROM pg_catalog.pg_constraint AS k
    JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE k.contype = 'c' AND {is_whole} AND n.nspname = ANY(CAST(:schemas AS text[]))
    GROUP BY n.nspname, c.relname
"""
DEFINITIONS = """
    SELECT n.nspname, c.relname, pg_catalog.pg_get_viewdef(c.oid)
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm') AND n.nspname = ANY(CAST(:schemas AS text[]))
"""
# Tables that others inherit from, directly or through others.
PARENTS = """
    WITH RECURSIVE ancestors (oid, ancestor) AS (
        SELECT i.inhrelid, i.inhparent FROM pg_catalog.pg_inherits AS i
        JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'f') AND {is_whole} AND n.nspname = ANY(CAST(:schemas AS text[]))
        UNION
        SELECT a.oid, i.inhparent FROM ancestors AS a JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = a.ancestor
    )
    SELECT n.nspname, c.relname, pn.nspname, p.relname
    FROM ancestors AS a
    JOIN pg_catalog.pg_class AS c ON c.oid = a.oid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_class AS p ON p.oid = a.ancestor
    JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
    ORDER BY n.nspname, c.relname, pn.nspname, p.relname
"""
# The catalog repeats a key that refers to a partitioned table for each partition.
FOREIGN_KEYS = """
    SELECT n.nspname, c.relname, a.attname, fn.nspname, fc.relname, fa.attname, k.conname, {is_enforced}
    FROM pg_catalog.pg_constraint AS k
    JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_class AS fc ON fc.oid = k.confrelid
    JOIN pg_catalog.pg_namespace AS fn ON fn.oid = fc.relnamespace
    CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS u (from_number, to_number, position)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = u.from_number
    JOIN pg_catalog.pg_attribute AS fa ON fa.attrelid = fc.oid AND fa.attnum = u.to_number
    WHERE k.contype = 'f' AND {is_whole} AND {is_whole_target}
        AND n.nspname = ANY(CAST(:schemas AS text[]))
    ORDER BY n.nspname, c.relname, k.conname, u.position
"""
# Indexes of all rows by whole columns; one that is being built or could not be is not valid.
INDEXES = """
    SELECT i.nspname, i.relname,
        '[' || string_agg('{{"name":' || to_json(CAST(i.name AS text)) || ',"columns":' || i.columns || ',"unique":'
            || CASE WHEN i.indisunique THEN 'true' ELSE 'false' END || '}}', ',' ORDER BY i.name) || ']',
        '[' || string_agg(CASE WHEN i.indisunique AND NOT i.indisprimary THEN i.columns END, ',' ORDER BY i.name) || ']'
    FROM (
        SELECT n.nspname, c.relname, ic.relname AS name, x.indisunique, x.indisprimary,
            CAST(json_agg(CAST(a.attname AS text) ORDER BY u.position) AS text) AS columns
        FROM pg_catalog.pg_index AS x
        JOIN pg_catalog.pg_class AS c ON c.oid = x.indrelid
        JOIN pg_catalog.pg_class AS ic ON ic.oid = x.indexrelid
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL unnest(x.indkey) WITH ORDINALITY AS u (number, position)
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = u.number
        WHERE c.relkind IN ('r', 'p', 'f', 'm') AND {is_whole} AND u.position <= x.{key_columns}
            AND x.indpred IS NULL AND x.indexprs IS NULL AND x.indisvalid
            AND n.nspname = ANY(CAST(:schemas AS text[]))
        GROUP BY n.nspname, c.relname, ic.relname, x.indisunique, x.indisprimary
    ) AS i
    GROUP BY i.nspname, i.relname
"""


@dataclass(frozen=True)
class Catalog:
    """The queries for the catalog of a server, whose `columns` are names such as `pg_class.relispartition`."""

    columns: AbstractSet[str]
    decodes: bool = True

    def relations(self) -> str:
        """Return the query for tables and views."""
        has_policies = "function.row_security_active" in self.columns  # from version 9.5 on
        has_partitions = "function.pg_get_partkeydef" in self.columns  # from version 10 on
        has_extensions = "pg_extension.extname" in self.columns
        may_read = "has_any_column" if "function.has_any_column_privilege" in self.columns else "has_table"
        return RELATIONS.format(
            row_security="pg_catalog.row_security_active(c.oid)" if has_policies else "false",
            is_readable=f"pg_catalog.has_schema_privilege(n.oid, 'USAGE')"
            f" AND pg_catalog.{may_read}_privilege(c.oid, 'SELECT')",
            partition_key="CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END"
            if has_partitions
            else "NULL",
            is_whole=self._is_whole("c"),
            is_own=f"c.oid NOT IN ({OF_EXTENSIONS})" if has_extensions else "true",
        )

    def table_columns(self) -> str:
        """Return the query for columns; the parameter `values` has the values of types by their id, as JSON."""
        default = "pg_catalog.pg_get_expr(f.adbin, f.adrelid)" if self.decodes else "CAST(NULL AS text)"
        # The default of a type `serial` is an integer of a sequence; most need not be decoded, which takes time.
        cases = f"WHEN a.atttypid IN (20, 21, 23) AND (f.oid IN ({OF_SEQUENCES}) OR {default} LIKE 'nextval(%')"
        cases += " THEN 'identity'"
        if "pg_attribute.attgenerated" in self.columns:  # from version 12 on
            cases = f"WHEN a.attgenerated <> '' THEN {default} {cases}"
        if "pg_attribute.attidentity" in self.columns:  # from version 10 on
            cases = f"WHEN a.attidentity <> '' THEN 'identity' {cases}"
        has_grants = "function.has_any_column_privilege" in self.columns
        privilege = "pg_catalog.has_{0}column_privilege(c.oid, {1}'SELECT')"
        is_hidden = f"NOT {privilege.format('', 'a.attnum, ')} AND {privilege.format('any_', '')}"
        return COLUMNS.format(
            generated=f"CASE {cases} END",
            default=default,
            is_hidden=is_hidden if has_grants else "false",
            is_whole=self._is_whole("c"),
        )

    def checks(self) -> str:
        """Return the query for check constraints."""
        return CHECKS.format(is_whole=self._is_whole("c"))

    def parents(self) -> str:
        """Return the query for the tables that others inherit from."""
        return PARENTS.format(is_whole=self._is_whole("c"))

    def foreign_keys(self) -> str:
        """Return the query for foreign keys."""
        marks = [f"k.{name}" for name in ("convalidated", "conenforced") if f"pg_constraint.{name}" in self.columns]
        return FOREIGN_KEYS.format(
            is_enforced=" AND ".join(marks) or "true",
            is_whole=self._is_whole("c"),
            is_whole_target=self._is_whole("fc"),
        )

    def indexes(self) -> str:
        """Return the query for indexes and unique keys."""
        # Before version 11 an index had no columns beside those of its key.
        key_columns = "indnkeyatts" if "pg_index.indnkeyatts" in self.columns else "indnatts"
        return INDEXES.format(key_columns=key_columns, is_whole=self._is_whole("c"))

    def has_enums(self) -> bool:
        """Return whether the server has enumerations."""
        return "pg_enum.enumsortorder" in self.columns

    def _is_whole(self, alias: str) -> str:
        """Return the condition for a table that is no partition of another one."""
        return f"NOT {alias}.relispartition" if "pg_class.relispartition" in self.columns else "true"
