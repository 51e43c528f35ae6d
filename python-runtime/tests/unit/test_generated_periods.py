"""The statements that generate periods are read-only, and the data policy sees the tables that their bounds read."""

from __future__ import annotations

import pytest

from ktx_daemon.sql.policy.check import check_policy
from ktx_daemon.sql.policy.patterns import Denied, DeniedPattern
from ktx_daemon.sql.policy.violation import PolicyDeniedError
from ktx_daemon.sql.read_only import check_read_only
from semantic_layer.model.models import Calendar, RetailYears
from semantic_layer.model.queries import TimeUnit
from semantic_layer.sql.dialects import SUPPORTED, SqlDialect
from semantic_layer.times.spine import needs_recursive, spine

RETAIL = Calendar(retail=RetailYears(pattern="4-4-5"))
UNITS: list[tuple[TimeUnit, Calendar]] = [
    ("second", Calendar()),
    ("day", Calendar()),
    ("week", Calendar(week_start="sunday")),
    ("fiscal_quarter", Calendar()),
    ("fiscal_month", RETAIL),
]


def periods(name: str, unit: TimeUnit, calendar: Calendar) -> str:
    """Return a statement that lists the periods between the first and the last order."""
    dialect = SqlDialect(name)
    is_recursive = needs_recursive(dialect, unit)
    query = dialect.write(spine("bounds", unit, dialect, "spine", calendar), pretty=False)
    columns = " (period, step)" if is_recursive and name == "redshift" else ""
    bounds = "bounds AS (SELECT MIN(o.at) AS low, MAX(o.at) AS high FROM orders AS o)"
    recursive = "RECURSIVE " if is_recursive else ""
    return f"WITH {recursive}{bounds}, spine{columns} AS ({query}) SELECT s.period FROM spine AS s"


@pytest.mark.parametrize("dialect", SUPPORTED)
@pytest.mark.parametrize(("unit", "calendar"), UNITS)
def test_generated_periods_are_read_only(dialect: str, unit: TimeUnit, calendar: Calendar) -> None:
    check_read_only(periods(dialect, unit, calendar), dialect)


@pytest.mark.parametrize("dialect", SUPPORTED)
@pytest.mark.parametrize(("unit", "calendar"), UNITS)
def test_policy_judges_the_bounds_of_periods(dialect: str, unit: TimeUnit, calendar: Calendar) -> None:
    sql = periods(dialect, unit, calendar)
    check_policy(sql, dialect, Denied(tables=[DeniedPattern("pay", ["pay"])]))
    with pytest.raises(PolicyDeniedError):
        check_policy(sql, dialect, Denied(tables=[DeniedPattern("orders", ["orders"])]))
