"""Pages of a query history."""

from __future__ import annotations

import pytest

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses.model.history import FRAME_BYTES, StatementPage


def test_page_ends_before_a_statement_that_does_not_fit() -> None:
    page = StatementPage(FRAME_BYTES + 10)
    assert page.add("a", "12345")
    assert not page.add("b", "12345")
    assert (len(page.encoded), page.next_cursor) == (1, "a")


def test_statement_that_fits_no_page_is_an_error() -> None:
    """Without a statement, the page would look like the last one."""
    with pytest.raises(BadRequestError, match="has 11 bytes with its days"):
        StatementPage(FRAME_BYTES + 10).add("a", "12345678901")
