"""The market in each database."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from tests.semantic.databases import DIALECTS, Database, connect
from tests.semantic.market import TABLES


@pytest.fixture(scope="module", params=DIALECTS)
def market_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    with connect(request.param, f"ktx_filters_{secrets.token_hex(4)}") as database:
        database.load(TABLES)
        yield database
