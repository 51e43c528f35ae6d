"""The read-only check accepts single queries that do not write, lock or change settings."""

from __future__ import annotations

import pytest

from tests.daemon import Daemon


def verdict(daemon: Daemon, sql: str, dialect: str) -> dict:
    answer = daemon.post_ok("/sql/validate-read-only", {"sql": sql, "dialect": dialect})
    assert set(answer) == {"ok", "error"}
    assert answer["ok"] == (answer["error"] is None)
    return answer


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgres", "select 1"),
        ("postgres", "select 1; -- done"),
        ("postgres", "with a as (select * from t) select * from a union all select * from b order by 1 limit 5"),
        ("postgres", "(select 1)"),
        ("postgres", "values (1), (2)"),
        ("postgres", "select 'delete from t; drop table x' as note, \"update\" from t"),
        ("postgres", "select now(), current_setting('x'), currval('s'), pg_size_pretty(pg_total_relation_size('t'))"),
        ("postgres", "select * from t where a = $1 and b in ($2,$3) and c = %s"),
        ("postgres", "select replace(a, 'b', 'c'), lower(d) from t"),
        ("postgres", "select t.http_status, t.pg_rating, (t.address).street, pg_class.relname from t"),
        ("mysql", "select a from t where b = 'x' -- comment\n"),
        ("mysql", "select /* note */ if(a, b, c), ifnull(d, e) from t"),
        ("tsql", "select top 10 * from t with (nolock)"),
        ("sqlite", "select * from pragma_table_info('t')"),
        ("duckdb", "from t select a"),
        ("duckdb", "select scan(a), query(b) from range(5) as t(a, b)"),
        ("clickhouse", "select url, file from numbers(5) as t"),
        ("postgres", "select u & b, 'U&\"x\"', U&'\\0061' from u"),
        ("snowflake", "select x:a.b from t qualify row_number() over (order by 1) = 1"),
        ("bigquery", "select * from `p.d.t`, unnest(items)"),
    ],
)
def test_read_only_statement_is_accepted(daemon: Daemon, dialect: str, sql: str) -> None:
    assert verdict(daemon, sql, dialect) == {"ok": True, "error": None}


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgres", ""),
        ("postgres", "-- nothing"),
        ("postgres", "select ("),
        ("postgres", "select 1; select 2"),
        ("postgres", "select 1; drop table t"),
        ("postgres", "insert into t values (1)"),
        ("postgres", "update t set a = 1"),
        ("postgres", "delete from t"),
        ("postgres", "merge into t using s on t.id = s.id when matched then delete"),
        ("postgres", "truncate t"),
        ("postgres", "create table t (a int)"),
        ("postgres", "create table t as select 1"),
        ("postgres", "drop table t"),
        ("postgres", "alter table t add a int"),
        ("postgres", "grant select on t to u"),
        ("postgres", "set statement_timeout = 0"),
        ("postgres", "reset all"),
        ("postgres", "begin"),
        ("postgres", "commit"),
        ("postgres", "vacuum"),
        ("postgres", "copy t to '/tmp/x'"),
        ("postgres", "copy (select 1) to program 'sh'"),
        ("postgres", "call f()"),
        ("postgres", "do $$ begin end $$"),
        ("postgres", "execute s"),
        ("postgres", "lock table t"),
        ("postgres", "notify x"),
        ("postgres", "explain analyze delete from t"),
        ("postgres", "with x as (delete from t returning *) select * from x"),
        ("postgres", "with x as (insert into t values (1) returning *) select * from x"),
        ("postgres", "with x as (update t set a = 1 returning *) select * from x"),
        ("postgres", "select * from (with x as (delete from t returning *) select * from x) y"),
        ("postgres", "select * into u from t"),
        ("postgres", "select * from t for update"),
        ("postgres", "select * from t for no key update skip locked"),
        ("postgres", "select * from t for share"),
        ("postgres", "select * from (select * from t for update) x"),
        ("postgres", "select pg_terminate_backend(1)"),
        ("postgres", "select pg_catalog.pg_terminate_backend(pid) from pg_stat_activity"),
        ("postgres", 'select "pg_sleep"(5)'),
        ("postgres", 'select U&"pg\\005Fsleep"(5)'),
        ("postgres", "select u&\"dblink!005Fexec\"('x', 'y') uescape '!'"),
        ("postgres", "select aws_s3.query_export_to_s3('select 1', 'x', 'y')"),
        ("postgres", "select nextval('s')"),
        ("postgres", "select setval('s', 1)"),
        ("postgres", "select set_config('a', 'b', false)"),
        ("postgres", "select lo_import('/etc/passwd')"),
        ("postgres", "select * from dblink('x', 'delete from t') as t(a int)"),
        ("postgres", "select dblink_exec('x', 'y')"),
        ("postgres", "select pg_read_file('/etc/passwd')"),
        ("postgres", "select * from pg_ls_dir('/')"),
        ("postgres", "select pg_advisory_lock(1)"),
        ("postgres", "select query_to_xml('delete from t', true, true, '')"),
        ("postgres", "select pg_stat_statements_reset()"),
        ("postgres", "select ('s'::regclass).nextval"),
        ("postgres", "select x.pg_read_file from unnest(array['/etc/passwd']) as x"),
        ("mysql", "select * into outfile '/tmp/x' from t"),
        ("mysql", "select a from t into outfile '/tmp/x'"),
        ("mysql", "select a into @x from t"),
        ("mysql", "select @x := 1"),
        ("mysql", "select sleep(5)"),
        ("mysql", "select benchmark(1, 1)"),
        ("mysql", "select load_file('/etc/passwd')"),
        ("mysql", "select get_lock('a', 1)"),
        ("mysql", "select * from t lock in share mode"),
        ("mysql", "select * from t for update"),
        ("mysql", "select 1 /*! into outfile '/tmp/x' */"),
        ("mysql", "select 1 /*!50000 union select 2 */"),
        ("mariadb", "select 1 /*M!100100 into outfile '/tmp/x' */"),
        ("mysql", "/*!50000 delete from t */"),
        ("mysql", "select 1--1 into outfile '/tmp/x'"),
        ("mysql", "select /*+ SET_VAR(sql_mode = '') */ 1"),
        ("mysql", "replace into t values (1)"),
        ("mysql", "handler t open"),
        ("mysql", "load data infile 'x' into table t"),
        ("mysql", "show tables"),
        ("sqlite", "pragma user_version = 5"),
        ("sqlite", "attach 'x' as y"),
        ("sqlite", "select load_extension('x')"),
        ("sqlite", "select writefile('x', 'y')"),
        ("tsql", "select * into u from t"),
        ("tsql", "exec xp_cmdshell 'dir'"),
        ("tsql", "select 1 exec xp_cmdshell 'dir'"),
        ("tsql", "select * from t shutdown"),
        ("tsql", "select * from t with (updlock)"),
        ("tsql", "select next value for s"),
        ("tsql", "select * from openrowset('a', 'b', 'c')"),
        ("duckdb", "install httpfs"),
        ("duckdb", "copy t to 'x'"),
        ("duckdb", "attach 'x'"),
        ("duckdb", "select * from read_csv('/etc/passwd')"),
        ("duckdb", "select * from read_parquet(['s3://a/b'])"),
        ("duckdb", "select * from t, lateral read_text('/etc/passwd')"),
        ("duckdb", "select * from postgres_query('x', 'delete from t')"),
        ("duckdb", "from '/etc/passwd'"),
        ("duckdb", 'select * from "a.csv" as t'),
        ("duckdb", "select * from 'https://example.com/x.json.gz'"),
        ("duckdb", "select * from glob('*')"),
        ("duckdb", "select getenv('HOME')"),
        ("snowflake", "select system$cancel_all_queries(1)"),
        ("snowflake", "use database x"),
        ("clickhouse", "select 1 settings max_threads = 0"),
        ("clickhouse", "select sleepEachRow(1)"),
        ("clickhouse", "select * from url('http://x', CSV)"),
        ("clickhouse", "select * from remoteSecure('x', default.t)"),
        ("clickhouse", "select * from t join s3Cluster('a', 'b') on true"),
        ("clickhouse", "system shutdown"),
        ("bigquery", "export data options(uri='x') as select 1"),
        ("bigquery", "create temp function f() as (1); select f()"),
        ("oracle", "begin null; end;"),
    ],
)
def test_other_statement_is_rejected(daemon: Daemon, dialect: str, sql: str) -> None:
    answer = verdict(daemon, sql, dialect)
    assert answer["ok"] is False
    assert not answer["error"].endswith(".")


def test_unknown_dialect_is_rejected(daemon: Daemon) -> None:
    daemon.post_rejected("/sql/validate-read-only", {"sql": "select 1", "dialect": "x"}, "unsupported_dialect")
