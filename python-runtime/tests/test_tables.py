"""Which tables a statement touches: what stands where a table may stand and is none, and what is overlooked easily."""

from __future__ import annotations

import pytest

from ktx_daemon.sql.analysis import analyze
from ktx_daemon.sql.dialects import require_dialect


def tables(sql: str, dialect: str) -> list[str]:
    found = analyze(sql, require_dialect(dialect)).tables
    return [".".join(part for part in parts if part) for parts in found]


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("tsql", "select * from #orders o join dbo.orders x on o.id=x.id", ["dbo.orders"]),
        ("tsql", "select * from ##g", []),
        ("tsql", "select * from [#t]", []),
        ("tsql", "select * from tempdb..#t", []),
        ("tsql", "select a into #t from u", ["u"]),
        ("tsql", "insert into #t select * from u", ["u"]),
        ("tsql", "select * from @t", []),
        ("fabric", "select * from #x", []),
        ("postgres", "with t as (select 1) update t set a = 1", ["t"]),
        ("postgres", "with t as (select * from u) insert into t select * from t", ["u", "t"]),
        ("postgres", "with t as (select 1 from u) delete from t using v", ["u", "t", "v"]),
        ("postgres", "with t as (select 1) merge into t using t as s on t.id = s.id when matched then delete", ["t"]),
        ("tsql", "with t as (select * from u) delete from t", ["u"]),
        ("tsql", "with t as (select * from u) update t set a=1", ["u"]),
        ("mysql", "with t as (select 1) insert into t select * from t", ["t"]),
        ("spark", "select /*+ broadcast(x) */ * from b x", ["b"]),
        ("spark", "select /*+ MAPJOIN(b) */ * from b x join c", ["b", "c"]),
        ("oracle", "select /*+ leading(x) */ * from b x", ["b"]),
        ("sqlite", "select * from t INDEXED BY ix where a = 1", ["t"]),
        ("sqlite", "select * from t NOT INDEXED", ["t"]),
        ("tsql", "DELETE TOP (10) FROM t where a=1", ["t"]),
        ("tsql", "EXEC dbo.p 1", []),
        ("tsql", "update top (5) t set a=1", ["t"]),
        ("snowflake", "USE WAREHOUSE w", []),
        ("snowflake", "USE DATABASE d", []),
        ("mysql", "use db", []),
        ("mysql", "select 1 from dual", []),
        ("oracle", "select sysdate from dual", []),
        ("oracle", "select 1 from sys.dual", []),
        ("postgres", "select * from dual", ["dual"]),
        ("postgres", "select * from $1", []),
        ("mysql", "select * from ?", []),
        ("sqlite", "select * from :tbl", []),
        ("postgres", "select * from %s", []),
        ("postgres", "select * from %(x)s", []),
        ("snowflake", "select * from identifier($1)", []),
        ("bigquery", "select * from @t", []),
        ("clickhouse", "select * from dictionary('d')", []),
        ("clickhouse", "select * from remote('h', db.t)", []),
        ("clickhouse", "select * from cluster('c', db.t)", ["db.t"]),
        ("clickhouse", "select * from cluster('c', db, t)", ["db.t"]),
        ("clickhouse", "select * from clusterAllReplicas('c', system.query_log)", ["system.query_log"]),
        ("clickhouse", "select * from merge('db','^t')", []),
        ("clickhouse", "select * from numbers(10)", []),
        ("bigquery", "select * from ml.predict(model ds.m, table ds.t)", ["ds.t"]),
        ("bigquery", "select * from ml.predict(model `ds.m`, (select * from ds.u))", ["ds.u"]),
        ("bigquery", "create model ds.m options(model_type='x') as select * from ds.t", ["ds.t"]),
        ("postgres", "create function f() returns int as 'select 1' language sql", []),
        ("postgres", "create sequence s", []),
        ("postgres", "create type ty as enum ('a')", []),
        ("postgres", "create index ix on t (a)", ["t"]),
        ("postgres", "create database d", []),
        ("postgres", "create schema s", []),
        ("postgres", "drop sequence s", []),
        ("postgres", "drop type x", []),
        ("postgres", "drop index ix", []),
        ("postgres", "drop schema s", []),
        ("postgres", "drop function f(int)", []),
        ("postgres", "drop database d", []),
        ("mysql", "drop index ix on t", ["t"]),
        ("mysql", "alter table t add index ix (a)", ["t"]),
        ("postgres", "alter sequence s restart", []),
        ("postgres", "alter table t add column a int", ["t"]),
        ("postgres", "drop table t", ["t"]),
        ("postgres", "create view v as select * from t", ["v", "t"]),
        ("postgres", "create table t (a int references u(id))", ["t", "u"]),
        ("postgres", "truncate t", ["t"]),
        ("clickhouse", "create dictionary d (a int) primary key a source(clickhouse(table 't'))", []),
        ("clickhouse", "drop dictionary d", []),
        ("snowflake", "create stage s", []),
        ("snowflake", "create role r", []),
        ("snowflake", "create warehouse w", []),
        ("snowflake", "drop warehouse w", []),
        ("snowflake", "create sequence s", []),
        ("postgres", "comment on table t is 'x'", ["t"]),
        ("postgres", "comment on column t.a is 'x'", []),
        ("postgres", "grant select on t to r", ["t"]),
        ("postgres", "create trigger tr after insert on t execute function f()", ["t"]),
        ("postgres", "drop trigger tr on t", ["t"]),
        ("bigquery", "select * from ds.orders o where exists(select 1 from o.items)", ["ds.orders"]),
        ("redshift", "select * from s.orders o where exists (select 1 from o.items i where i.x = 1)", ["s.orders"]),
        ("duckdb", "select (select sum(x) from o.items) from s.orders o", ["s.orders"]),
        ("bigquery", "select * from ds.orders o where exists (select 1 from unnest(o.items))", ["ds.orders"]),
        ("bigquery", "select * from ds.orders where exists(select 1 from orders.items)", ["ds.orders"]),
        ("spark", "select * from db.orders lateral view explode(items) x as y", ["db.orders"]),
        ("trino", "select * from s.orders o cross join unnest(o.items) t(x)", ["s.orders"]),
        ("snowflake", "select * from s.orders o, lateral flatten(input => o.items) f", ["s.orders"]),
        ("mysql", "REPLACE INTO a SELECT x FROM b", ["a", "b"]),
        ("sqlite", "REPLACE INTO a SELECT x FROM b", ["a", "b"]),
        ("postgres", "EXPLAIN SELECT * FROM t", ["t"]),
        ("postgres", "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM t where a = 1", ["t"]),
        ("mysql", "EXPLAIN SELECT * FROM t", ["t"]),
        ("mysql", "EXPLAIN t", ["t"]),
        ("postgres", "DECLARE c CURSOR FOR SELECT * FROM t", ["t"]),
        ("postgres", "DECLARE c NO SCROLL CURSOR WITH HOLD FOR SELECT * FROM t", ["t"]),
        ("postgres", "PREPARE p AS SELECT * FROM t WHERE a = $1", ["t"]),
        ("postgres", "PREPARE p (int) AS SELECT * FROM t WHERE a = $1", ["t"]),
        ("postgres", "CREATE MATERIALIZED VIEW v AS SELECT * FROM t WITH NO DATA", ["v", "t"]),
        ("postgres", "REFRESH MATERIALIZED VIEW CONCURRENTLY s.v", ["s.v"]),
        ("postgres", "LOCK TABLE t, s.u IN ACCESS SHARE MODE", ["t", "s.u"]),
        ("postgres", "VACUUM ANALYZE t", ["t"]),
        ("postgres", "VACUUM (FULL) t (a, b)", ["t"]),
        ("postgres", "ANALYZE t", ["t"]),
        ("clickhouse", "OPTIMIZE TABLE db.t FINAL", ["db.t"]),
        ("clickhouse", "select * from t where id in u", ["t", "u"]),
        ("sqlite", "select a from t where b in u", ["t", "u"]),
        ("sqlite", "select a from t where b not in main.u", ["t", "main.u"]),
        ("sqlite", "select a as u from t where (a, b) in u", ["t", "u"]),
        ("sqlite", "with c as (select 1 from w) select a from t where b in c", ["w", "t"]),
        ("sqlite", "delete from t where a in u", ["t", "u"]),
        ("sqlite", "select a from t where b in (u) or b in f(1) or b in (1, 2)", ["t"]),
        (
            "clickhouse",
            "select * from t where id in db.u and (a,b) not in w and x global in v",
            ["t", "db.u", "w", "v"],
        ),
        ("clickhouse", "select * from t where id in (u)", ["t"]),
        ("snowflake", "select * from TABLE('db.t')", ["db.t"]),
        ("snowflake", "select * from IDENTIFIER('s.t')", ["s.t"]),
        ("snowflake", "select * from TABLE(f(1))", []),
        ("snowflake", "CREATE STREAM st ON TABLE s.t", ["s.t"]),
        ("snowflake", "select * from TABLE($1)", []),
        ("tsql", "insert into a (x) output inserted.x into b (x) select x from c", ["a", "b", "c"]),
        ("tsql", "delete from a output deleted.* into b where x = 1", ["a", "b"]),
        ("tsql", "update a set x = 1 output inserted.x into dbo.b", ["a", "dbo.b"]),
        ("trino", "select * from TABLE(f(input => TABLE(orders)))", ["orders"]),
        ("postgres", "copy t from stdin", ["t"]),
        ("postgres", "copy (select * from t) to stdout", ["t"]),
        ("postgres", "cluster t", ["t"]),
        ("postgres", "reindex table t", ["t"]),
        ("duckdb", "summarize t", ["t"]),
        ("duckdb", "describe t", ["t"]),
        ("duckdb", "from t select a", ["t"]),
        ("oracle", "select * from t partition (p1)", ["t"]),
        ("hive", "insert overwrite table a select * from b", ["a", "b"]),
        ("spark", "cache table t", ["t"]),
        ("databricks", "OPTIMIZE t ZORDER BY (a)", ["t"]),
        ("databricks", "describe history t", ["t"]),
        ("mysql", "show columns from t", []),
        ("mysql", "optimize table t", ["t"]),
        ("mysql", "analyze table t", ["t"]),
        ("mysql", "lock tables t read, u write", ["t", "u"]),
        ("mysql", "explain format=json select * from t", ["t"]),
        ("mysql", "describe t", ["t"]),
        ("snowflake", "copy into t from @s", ["t"]),
        ("snowflake", "explain using text select * from t", ["t"]),
        ("bigquery", "export data options(uri='x') as select * from ds.t", ["ds.t"]),
        ("mysql", "load data infile 'x' into table t", ["t"]),
        ("postgres", "select nextval('s')", []),
        ("oracle", "select s.nextval from dual", []),
        ("snowflake", "select s.nextval from t", ["t"]),
        ("postgres", "select * from s", ["s"]),
        ("mysql", "handler t open", ["t"]),
        ("postgres", "table t", ["t"]),
        ("postgres", "select * into u from t", ["u", "t"]),
        ("oracle", "explain plan for select * from t", ["t"]),
        ("postgres", "execute p(1)", []),
        ("postgres", "fetch 5 from c", []),
        ("postgres", "close c", []),
        ("mysql", "call p(1)", []),
        ("teradata", "lock row for access select * from t", ["t"]),
        ("teradata", "collect statistics on t", ["t"]),
        ("tsql", "exec p @a = 1", []),
        ("postgres", "create temp table x as select * from t", ["x", "t"]),
        ("postgres", "select * from t tablesample system (10)", ["t"]),
        ("snowflake", "merge into t using s on t.id=s.id when matched then update set a = s.a", ["t", "s"]),
        ("snowflake", "create table a clone b", ["a", "b"]),
        ("postgres", "create table a (like b)", ["a", "b"]),
        ("snowflake", "create table a like b", ["a", "b"]),
        ("postgres", "alter table t rename to u", ["t", "u"]),
        ("snowflake", "alter table t swap with u", ["t", "u"]),
        ("mysql", "rename table t to u", ["t", "u"]),
        ("postgres", "do $$ begin perform 1; end $$", []),
        ("clickhouse", "exchange tables d.a and d.b on cluster c", ["d.a", "d.b"]),
        ("clickhouse", "attach table if not exists d.a", ["d.a"]),
        ("clickhouse", "attach table t (a Int8) engine = MergeTree order by a", ["t"]),
        ("clickhouse", "alter table t update a = 1 where b = 2", ["t"]),
        ("clickhouse", "alter table t attach partition 202401 from u", ["t", "u"]),
        ("clickhouse", "alter table t attach partition 202401", ["t"]),
        ("clickhouse", "select * from dictionary('d') join t on t.a = 1", ["t"]),
        ("clickhouse", "select * from dictionary", ["dictionary"]),
        ("redshift", "alter table s.a append from s.b ignoreextra", ["s.a", "s.b"]),
        ("redshift", "alter table a append from b", ["a", "b"]),
        ("tsql", "alter table dbo.a switch partition 3 to dbo.b", ["dbo.a", "dbo.b"]),
        ("tsql", "alter table a switch to b", ["a", "b"]),
        ("tsql", "update statistics dbo.a", ["dbo.a"]),
        ("tsql", "bulk insert dbo.a from 'x'", ["dbo.a"]),
        ("tsql", "declare c cursor local fast_forward for select * from t", ["t"]),
        ("postgres", "alter table a attach partition b for values in (1)", ["a", "b"]),
        ("postgres", "alter table if exists only s.a inherit b", ["s.a", "b"]),
        ("postgres", "alter table a replica identity full", ["a"]),
        ("trino", "alter table t execute optimize", ["t"]),
        ("trino", "show stats for s.t", ["s.t"]),
        ("bigquery", "create snapshot table ds.a clone ds.b", ["ds.a", "ds.b"]),
        ("databricks", "show partitions t", ["t"]),
        ("databricks", "restore table t to version as of 1", ["t"]),
        ("mysql", "analyze format=json select * from t", ["t"]),
        ("mysql", "analyze update t set a = (select 1 from u)", ["t", "u"]),
    ],
)
def test_tables(dialect: str, sql: str, expected: list[str]) -> None:
    assert tables(sql, dialect) == expected


@pytest.mark.parametrize(
    ("dialect", "sql", "normalized"),
    [
        ("tsql", "delete top (10) from t where a = 1", "DELETE TOP (?) FROM t WHERE a = ?"),
        ("tsql", "update top (5) percent t set a = 1", "UPDATE TOP (?) PERCENT t SET a = ?"),
        ("tsql", "delete top (@n) from t", "DELETE TOP (@n) FROM t"),
        (
            "tsql",
            "delete a output deleted.x into b (x) where y = 1",
            "DELETE a OUTPUT deleted.x INTO b (x) WHERE y = ?",
        ),
        ("tsql", "delete from #t where a = 1", "DELETE FROM #t WHERE a = ?"),
        ("mysql", "select 1 from dual", "SELECT ? FROM DUAL"),
        ("mysql", "select 1 from `dual`", "SELECT ? FROM `dual`"),
        ("postgres", "select * from $1 where a = $2", "SELECT * FROM $1 WHERE a = $2"),
        ("postgres", "select * from %s", "SELECT * FROM %s"),
        ("sqlite", "select * from :tbl", "SELECT * FROM :tbl"),
        ("mysql", "replace into a (x) values (1)", "REPLACE INTO a (x) VALUES (?)"),
        (
            "postgres",
            "explain (analyze, buffers) select a from t where b = 'x'",
            "EXPLAIN (ANALYZE, BUFFERS) SELECT a FROM t WHERE b = ?",
        ),
        (
            "postgres",
            "declare c cursor for select a from t where b = 5",
            "DECLARE C CURSOR FOR SELECT a FROM t WHERE b = ?",
        ),
        (
            "postgres",
            "create materialized view v as select 1 from t with no data",
            "CREATE MATERIALIZED VIEW v AS SELECT ? FROM t WITH NO DATA",
        ),
        ("postgres", "savepoint sp_1", "SAVEPOINT SP_1"),
        ("postgres", "release savepoint sp_1", "RELEASE SAVEPOINT SP_1"),
        ("postgres", "close c1", "CLOSE C1"),
        ("postgres", "listen ch", "LISTEN CH"),
        ("postgres", "unlisten *", "UNLISTEN *"),
        ("postgres", "notify ch, 'x'", "NOTIFY CH, ?"),
        ("mysql", "start transaction with consistent snapshot", "START TRANSACTION WITH CONSISTENT SNAPSHOT"),
        ("tsql", "waitfor delay '00:00:05'", "WAITFOR DELAY ?"),
    ],
)
def test_what_is_written(dialect: str, sql: str, normalized: str) -> None:
    template = analyze(sql, require_dialect(dialect))
    assert template.normalized_sql == normalized
    assert normalized.count("?") == len(template.slots)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("explain select a from t", "select a from t"),
        ("explain select a from t", "explain select b from t"),
        ("explain select a from t", "explain analyze select a from t"),
        ("declare c cursor for select a from t", "declare d cursor for select a from t"),
        ("close a", "close b"),
        ("savepoint a", "release savepoint a"),
    ],
)
def test_statements_around_another_one_differ(one: str, other: str) -> None:
    dialect = require_dialect("postgres")
    assert analyze(one, dialect).fingerprint != analyze(other, dialect).fingerprint
    assert analyze(one, dialect).fingerprint == analyze(f" {one.upper()} ;", dialect).fingerprint


def test_a_name_in_a_string_is_no_literal() -> None:
    dialect = require_dialect("snowflake")
    one, other = (analyze(f"select * from table('s.{name}') where a = 1", dialect) for name in "tu")
    assert one.fingerprint != other.fingerprint
    assert one.normalized_sql == "SELECT * FROM TABLE('s.t') WHERE a = ?"


@pytest.mark.parametrize("count", [10, 1000, 20_000])
@pytest.mark.parametrize("sql", ["explain {}select", "explain {}", "lock table {}", "vacuum {}", "prepare p ({}) as"])
def test_long_texts_are_no_problem(sql: str, count: int) -> None:
    for filler in ("a ", "a", "(a) ", "a.", "a, ", " "):
        try:
            tables(sql.format(filler * count), "postgres")
        except Exception as error:
            assert "SQL" in str(error)  # noqa: PT017
