"""The kinds of callers of statements."""

from __future__ import annotations

import pytest

from ktx_daemon.warehouses.model.callers import classify, count


@pytest.mark.parametrize(
    ("user", "application", "kind"),
    [
        ("ada", "psql", "person"),
        ("ada@example.com", "", "person"),
        ("ada@example.com", "Tableau Desktop 2024.1", "bi_tool"),
        ("ada", "Metabase v0.50 [f21]", "bi_tool"),
        ("LOOKER_USER", None, "bi_tool"),
        ("ada", "Microsoft.PowerBI.Desktop", "bi_tool"),
        ("modena", "python-requests", "person"),
        ("hexagon", None, "person"),
        ("botticelli", None, "person"),
        ("ada", "dbt", "scheduler"),
        ("airflow", None, "scheduler"),
        ("fivetran_prod", "jdbc", "scheduler"),
        ("loader@shop.iam.gserviceaccount.com", None, "service_account"),
        ("svc-reports", None, "service_account"),
        ("REPORTING_SVC", "jdbc", "service_account"),
        ("etl", None, "service_account"),
        (None, None, "person"),
    ],
)
def test_names_tell_people_from_programs(user: str | None, application: str | None, kind: str) -> None:
    assert classify(user, application) == kind


def test_calls_are_summed_by_kind() -> None:
    callers = [("ada", "psql", 2), ("grace", "", 3), ("etl", None, 5)]
    assert count(callers) == {"person": 5, "service_account": 5}
