"""Reserved words that require quotes as table names, for dialects without a list in sqlglot.

The lists of PostgreSQL and SQLite are those of the servers, the others are from the manuals. T-SQL's PUBLIC is
excluded, as it is a common name of schemas.
"""

from __future__ import annotations

import functools

from sqlglot.dialects.dialect import Dialect, NormalizationStrategy
from sqlglot.tokens import TokenType

_POSTGRES = """
all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column
concurrently constraint create cross current_catalog current_date current_role current_schema current_time
current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from
full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit
localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references
returning right select session_user similar some symmetric system_user table tablesample then to trailing true union
unique user using variadic verbose when where window with
"""
_SQLITE = """
add all alter and as autoincrement between case check collate commit constraint create default deferrable delete
distinct drop else escape except exists foreign from group having in index indexed insert intersect into is isnull join
limit not nothing notnull null on or order primary references returning select set table then to transaction union
unique update using values when where
"""
_TSQL = """
add all alter and any as asc authorization backup begin between break browse bulk by cascade case check checkpoint close
clustered coalesce collate column commit compute constraint contains containstable continue convert create cross current
current_date current_time current_timestamp current_user cursor database dbcc deallocate declare default delete deny
desc disk distinct distributed double drop dump else end errlvl escape except exec execute exists exit external fetch
file fillfactor for foreign freetext freetexttable from full function goto grant group having holdlock identity
identity_insert identitycol if in index inner insert intersect into is join key kill left like lineno load merge
national nocheck nonclustered not null nullif of off offsets on open opendatasource openquery openrowset openxml option
or order outer over percent pivot plan precision primary print proc procedure raiserror read readtext reconfigure
references replication restore restrict return revert revoke right rollback rowcount rowguidcol rule save schema
securityaudit select session_user set setuser shutdown some statistics system_user table tablesample textsize then to
top tran transaction trigger truncate try_convert tsequal union unique unpivot update updatetext use user values varying
view waitfor when where while with within writetext
"""
_ORACLE = """
access add all alter and any as asc audit between by char check cluster column comment compress connect create current
date decimal default delete desc distinct drop else exclusive exists file float for from grant group having identified
immediate in increment index initial insert integer intersect into is level like lock long maxextents minus mlslabel
mode modify noaudit nocompress not nowait null number of offline on online option or order pctfree prior public raw
rename resource revoke row rowid rownum rows select session set share size smallint start successful synonym sysdate
table then to trigger uid union unique update user validate values varchar varchar2 view whenever where with
"""
_SNOWFLAKE = """
account all alter and any as between by case cast check column connect connection constraint create cross current
current_date current_time current_timestamp current_user database delete distinct drop else exists false following for
from full grant group gscluster having ilike in increment inner insert intersect into is issue join lateral left like
localtime localtimestamp minus natural not null of on or order organization qualify regexp revoke right rlike row rows
sample schema select set some start table tablesample then to trigger true try_cast union unique update using values
view when whenever where with
"""
_STANDARD = """
all and any as authorization both case cast check collate column constraint create cross current_date current_time
current_timestamp current_user distinct else end escape except false fetch filter for foreign from full grant group
having in inner intersect into is join lateral leading left minus natural not null offset on only or order outer
overlaps primary references right select semi session_user some table then to trailing true union unique unknown user
using when where with within
"""
_HIVE = """
alter array between binary by cube current cursor database date delete describe drop exchange exists extended external
following function grouping if import insert interval less like local macro map more none of out over partialscan
partition percent preceding preserve procedure range reads reduce revoke rollup row rows set tablesample timestamp
transform trigger truncate unbounded uniquejoin update values window
"""
_LISTS = {
    "clickhouse": "",  # accepts every word as the name of a table
    "fabric": _TSQL,
    "hive": _STANDARD + _HIVE,
    "materialize": _POSTGRES,
    "oracle": _ORACLE,
    "postgres": _POSTGRES,
    "risingwave": _POSTGRES,
    "snowflake": _SNOWFLAKE,
    "sqlite": _SQLITE,
    "tsql": _TSQL,
}
# Reserved in MariaDB only.
_MORE = {
    "mysql": """
current_role delete_domain_id do_domain_ids ignore_domain_ids master_demote_to_replica master_demote_to_slave offset
page_checksum parse_vcol_expr portion ref_system_id returning stats_auto_recalc stats_persistent stats_sample_pages
"""
}


@functools.cache
def reserved_words(dialect: type[Dialect]) -> frozenset[str]:
    """Return the lower-case words that a dialect accepts as table names in quotes only."""
    name = dialect.__name__.lower()
    words = {word.lower() for word in dialect.generator_class.RESERVED_KEYWORDS}
    words |= {word.lower() for word, kind in dialect.tokenizer_class.KEYWORDS.items() if kind is TokenType.INTRODUCER}
    listed = _LISTS.get(name, "" if words else _STANDARD) + _MORE.get(name, "")
    return frozenset(words | set(listed.split()))


def fold_name(name: str, dialect: Dialect) -> str:
    """Return the quoted equivalent of an unquoted name: folded as the dialect does."""
    strategy = dialect.normalization_strategy
    if strategy is NormalizationStrategy.UPPERCASE:
        return name.upper()
    return name.lower() if strategy is NormalizationStrategy.LOWERCASE else name
