"""Introspection of a real MariaDB server."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import pymysql
import pytest

from tests.conftest import database_url
from tests.daemon import Daemon
from tests.introspection import (
    column_values,
    disconnecting_proxy,
    find_closed_port,
    foreign_key_values,
    introspect,
    introspect_rejected,
    silent_server,
    tables_by_name,
)

PASSWORD = "pässword/@:%"

SCHEMA = """
    CREATE TABLE customers (
        id bigint AUTO_INCREMENT PRIMARY KEY, name varchar(40) NOT NULL COMMENT 'As on the invoice', referrer bigint,
        CONSTRAINT referred FOREIGN KEY (referrer) REFERENCES customers (id)
    ) COMMENT 'Who buys; größe "x"';
    CREATE TABLE `lines` (a int, b int, c decimal(10, 2) unsigned, PRIMARY KEY (b, a));
    CREATE TABLE `Order Items größe` (
        `line no` int, y int, x int,
        CONSTRAINT composite FOREIGN KEY (x, y) REFERENCES `lines` (b, a)
    );
    CREATE VIEW big AS SELECT id, name FROM customers;
    CREATE TABLE events (id int, day int, PRIMARY KEY (id, day)) PARTITION BY HASH (day) PARTITIONS 3;
    CREATE TABLE gone (id int);
    CREATE VIEW broken AS SELECT * FROM gone;
    DROP TABLE gone;
    CREATE TABLE `{other}`.elsewhere (
        id int, customer bigint, FOREIGN KEY (customer) REFERENCES `{name}`.customers (id)
    );
    INSERT INTO customers (name) VALUES ('a'), ('b')
"""


@dataclass
class Database:
    """Two databases and a user with read privileges."""

    admin: str
    name: str
    other: str
    user: str

    def url(
        self,
        *,
        user: str = "",
        password: str = PASSWORD,
        port: int | None = None,
        name: str | None = None,
        options: str = "",
    ) -> str:
        parts = urlsplit(self.admin)
        place = f"{parts.hostname}:{port or parts.port}/{quote(self.name if name is None else name)}"
        return f"mysql://{quote(user or self.user, safe='')}:{quote(password, safe='')}@{place}{options}"


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    suffix = secrets.token_hex(4)
    made = Database(database_url("KTX_TEST_MYSQL_URL"), f"shop größe {suffix}", f"other_{suffix}", f"reader_ü{suffix}")
    parts = urlsplit(made.admin)
    server = pymysql.connect(host=parts.hostname, port=parts.port, user=parts.username, password=parts.password)
    with closing(server), server.cursor() as cursor:
        try:
            for name in (made.name, made.other):
                cursor.execute(f"CREATE DATABASE `{name}`")
            cursor.execute(f"CREATE USER `{made.user}`@'%%' IDENTIFIED BY %s", (PASSWORD,))
            for name in (made.name, made.other):
                cursor.execute(f"GRANT SELECT, SHOW VIEW, REFERENCES ON `{name}`.* TO `{made.user}`@'%'")
            cursor.execute(f"USE `{made.name}`")
            for statement in SCHEMA.format(name=made.name, other=made.other).split(";\n"):
                cursor.execute(statement)
            cursor.execute("ANALYZE TABLE customers")
            server.commit()
            yield made
        finally:
            for name in (made.other, made.name):
                cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
            cursor.execute(f"DROP USER IF EXISTS `{made.user}`@'%'")


def test_default_is_the_database_of_the_url(daemon: Daemon, database: Database) -> None:
    found = introspect(daemon, "mysql", database.url())
    assert found["metadata"].pop("limitations")[0].startswith("MySQL forgets when the data of a table last changed")
    assert found["metadata"] == {"driver": "mysql", "schemas": [database.name]}
    assert {(table["catalog"], table["db"]) for table in found["tables"]} == {(None, database.name)}
    assert [(table["name"], table["kind"]) for table in found["tables"]] == [
        ("Order Items größe", "table"),
        ("big", "view"),
        ("broken", "view"),
        ("customers", "table"),
        ("events", "table"),
        ("lines", "table"),
    ]


def test_columns_comments_and_row_estimates_are_read(daemon: Daemon, database: Database) -> None:
    tables = tables_by_name(introspect(daemon, "mariadb", database.url()))
    assert tables["customers"]["comment"] == 'Who buys; größe "x"'
    assert tables["customers"]["estimated_rows"] == 2
    assert (tables["big"]["comment"], tables["big"]["estimated_rows"]) == (None, None)
    assert column_values(tables["customers"]) == [
        ("id", "bigint(20)", False, True, None),
        ("name", "varchar(40)", False, False, "As on the invoice"),
        ("referrer", "bigint(20)", True, False, None),
    ]
    assert column_values(tables["lines"])[2] == ("c", "decimal(10,2) unsigned", True, False, None)
    assert [column["primary_key"] for column in tables["events"]["columns"]] == [True, True]


def test_foreign_keys_are_read(daemon: Daemon, database: Database) -> None:
    tables = tables_by_name(introspect(daemon, "mysql", database.url(), schemas=[database.other, database.name]))
    assert foreign_key_values(tables["customers"]) == [("referrer", database.name, "customers", "id", "referred")]
    assert foreign_key_values(tables["Order Items größe"]) == [
        ("x", database.name, "lines", "b", "composite"),
        ("y", database.name, "lines", "a", "composite"),
    ]
    ((column, schema, table, to_column, _),) = foreign_key_values(tables["elsewhere"])
    assert (column, schema, table, to_column) == ("customer", database.name, "customers", "id")


def test_url_without_a_database_requires_schemas(daemon: Daemon, database: Database) -> None:
    introspect_rejected(daemon, "mysql", database.url(name=""), "invalid_url")
    found = introspect(daemon, "mysql", database.url(name=""), schemas=[database.other])
    assert set(tables_by_name(found)) == {"elsewhere"}
    assert "'nope'" in introspect_rejected(daemon, "mysql", database.url(), "schema_not_found", schemas=["nope"])


def test_wrong_password_is_not_shown(daemon: Daemon, database: Database) -> None:
    secret = "sécret-?/@1"
    sentence = introspect_rejected(daemon, "mysql", database.url(password=secret), "authentication_failed")
    assert database.user in sentence
    for spelling in (secret, quote(secret, safe=""), quote(secret)):
        assert spelling not in sentence
        assert spelling not in daemon.log.read_text()


def test_unknown_database_and_unreachable_server_are_reported(daemon: Daemon, database: Database) -> None:
    admin = urlsplit(database.admin)
    url = database.url(user=admin.username or "", password=admin.password or "", name="nowhere")
    assert "'nowhere'" in introspect_rejected(daemon, "mysql", url, "database_not_found")
    introspect_rejected(daemon, "mysql", database.url(name="nowhere"), "permission_denied")
    port = find_closed_port()
    assert f"127.0.0.1:{port}" in introspect_rejected(daemon, "mysql", database.url(port=port), "connection_failed")
    introspect_rejected(daemon, "mysql", "mysql://u:p@no-such-host.invalid/x", "host_not_found")
    introspect_rejected(daemon, "mysql", "postgresql://h/d", "invalid_url")


def test_silent_server_times_out(daemon: Daemon, database: Database) -> None:
    with silent_server() as port:
        introspect_rejected(
            daemon, "mysql", database.url(port=port), "connection_timeout", connection_timeout_seconds=0.2
        )


def test_statement_timeout_ends_the_introspection(daemon: Daemon, database: Database) -> None:
    parts = urlsplit(database.admin)
    server = pymysql.connect(host=parts.hostname, port=parts.port, user=parts.username, password=parts.password)
    with closing(server), server.cursor() as cursor:
        cursor.execute("SET SESSION foreign_key_checks = 0")
        columns_of_one = ", ".join(f"c{n} int" for n in range(200))
        for number in range(60):
            cursor.execute(f"CREATE TABLE `{database.other}`.wide{number} ({columns_of_one})")
        sentence = introspect_rejected(
            daemon, "mysql", database.url(name=database.other), "statement_timeout", statement_timeout_ms=1
        )
        assert "0.001 s" in sentence
        for number in range(60):
            cursor.execute(f"DROP TABLE `{database.other}`.wide{number}")
    assert set(tables_by_name(introspect(daemon, "mysql", database.url(name=database.other)))) == {"elsewhere"}


def test_tls_modes_are_supported(daemon: Daemon, database: Database) -> None:
    for options in ("?ssl-mode=DISABLED", "?sslmode=prefer"):
        assert introspect(daemon, "mysql", database.url(options=options))["tables"]
    introspect_rejected(daemon, "mysql", database.url(options="?ssl-mode=VERIFY_IDENTITY"), "tls_failed")
    introspect_rejected(daemon, "mysql", database.url(options="?ssl-mode=maybe"), "invalid_url")


def test_disconnect_during_a_query_is_reported(daemon: Daemon, database: Database) -> None:
    with disconnecting_proxy(database.admin, at=b"information_schema.COLUMNS") as port:
        url = database.url(port=port, options="?ssl-mode=DISABLED")
        sentence = introspect_rejected(daemon, "mysql", url, "connection_failed")
        assert f"127.0.0.1:{port}" in sentence
        assert "lost connection" in sentence.lower()
