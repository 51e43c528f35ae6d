"""Metrics of each kind: how a query of this project writes them, and how MetricFlow declares them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from model import FACT_OF, MEASURES


@dataclass(frozen=True)
class Metric:
    """A metric: its expression in a query of this project, its declaration in MetricFlow, and the facts it reads."""

    name: str
    expr: str
    theirs: dict[str, Any]
    facts: frozenset[str]


def _simple(measure: str, name: str | None = None, **keys: Any) -> Metric:
    """Return a measure as a metric; `keys` are those of its use in MetricFlow."""
    fact = FACT_OF[measure]
    theirs = {"type": "simple", "type_params": {"measure": {"name": measure, **keys}}}
    return Metric(name or measure, f"{fact}.{measure}", theirs, frozenset({fact}))


def _calculation(name: str, expr: str, kind: str, params: dict[str, Any], *measures: str) -> Metric:
    return Metric(name, expr, {"type": kind, "type_params": params}, frozenset(FACT_OF[item] for item in measures))


def _ratio(name: str, numerator: str, denominator: str) -> Metric:
    expr = f"{FACT_OF[numerator]}.{numerator} / {FACT_OF[denominator]}.{denominator}"
    params = {"numerator": {"name": numerator}, "denominator": {"name": denominator}}
    return _calculation(name, expr, "ratio", params, numerator, denominator)


def _derived(name: str, expr: str, *measures: str) -> Metric:
    """Return a derived metric; `expr` has the names of its measures in braces."""
    ours = expr.format(**{item: f"{FACT_OF[item]}.{item}" for item in measures})
    params = {
        "expr": expr.format(**{item: item for item in measures}),
        "metrics": [{"name": item} for item in measures],
    }
    return _calculation(name, ours, "derived", params, *measures)


def _cumulative(name: str, measure: str, expr: str, **params: str) -> Metric:
    """Return a cumulative metric; a longer period has the value of its last day."""
    ours = expr.format(f"{FACT_OF[measure]}.{measure}")
    theirs = {"measure": measure, "cumulative_type_params": {"period_agg": "last", **params}}
    return _calculation(name, ours, "cumulative", theirs, measure)


def _offset(name: str, measure: str, function: str, expr: str, **offset: str) -> Metric:
    """Return a metric of another period, which `expr` calls `before`."""
    period = offset.get("offset_window", "")
    ours = f"{function}({FACT_OF[measure]}.{measure}, '{period}')"
    metrics = [{"name": measure}, {"name": measure, "alias": "before", **offset}]
    params = {"expr": expr, "metrics": metrics if measure in expr else metrics[1:]}
    return _calculation(name, ours, "derived", params, measure)


SIMPLE = [
    _simple(item.name)
    for item in MEASURES
    if item.table in ("orders", "returns", "visits") and item.name not in ("converted", "returned_or_0")
]
FILTERED = [
    Metric(
        "paid_revenue",
        "sum(orders.amount) filter (where orders.status = 'paid')",
        {
            "type": "simple",
            "type_params": {"measure": {"name": "revenue"}},
            "filter": "{{ Dimension('order__status') }} = 'paid'",
        },
        frozenset({"orders"}),
    ),
    Metric(
        "northern_returns",
        "count(returns.id) filter (where customers.region = 'north')",
        {
            "type": "simple",
            "type_params": {"measure": {"name": "returns"}},
            "filter": "{{ Dimension('customer__region') }} = 'north'",
        },
        frozenset({"returns"}),
    ),
]
RATIOS = [
    _ratio("revenue_per_order", "revenue", "orders"),
    _ratio("revenue_per_buyer", "revenue", "buyers"),
    _ratio("return_rate", "returned", "revenue"),
    _ratio("orders_per_visit", "orders", "visits"),
]
DERIVED = [
    _derived("price", "{revenue} / {units} * 100", "revenue", "units"),
    _derived("net", "{revenue} - {returned}", "revenue", "returned"),
    _derived("safe_net", "coalesce({revenue}, 0) - coalesce({returned}, 0)", "revenue", "returned"),
]
CUMULATIVE = [
    _cumulative("revenue_so_far", "revenue", "cumulative({})"),
    _cumulative("orders_so_far", "orders", "cumulative({})"),
]
ROLLING = [
    _cumulative("revenue_of_week", "revenue", "rolling({}, '7 days')", window="7 days"),
    _cumulative("units_of_30_days", "units", "rolling({}, '30 days')", window="30 days"),
    _cumulative("orders_of_month", "orders", "rolling({}, '1 month')", window="1 month"),
]
TO_DATE = [
    _cumulative("revenue_of_month_to_date", "revenue", "period_to_date({}, 'month')", grain_to_date="month"),
    _cumulative("units_of_year_to_date", "units", "period_to_date({}, 'year')", grain_to_date="year"),
]
OFFSET = [
    _offset("revenue_before", "revenue", "previous", "before", offset_window="1 month"),
    _offset("orders_before", "orders", "previous", "before", offset_window="7 days"),
    _offset("change_of_revenue", "revenue", "change", "revenue - before", offset_window="1 month"),
    _offset(
        "growth_of_orders",
        "orders",
        "growth",
        "(coalesce(orders, 0) - before) / nullif(before, 0)",
        offset_window="1 month",
    ),
]
SEMI_ADDITIVE = [_simple(name) for name in ("units_at_end", "units_of_stores_at_end", "units_at_start")]
CONVERSION = [
    Metric(
        "conversions",
        "visits.converted",
        {
            "type": "conversion",
            "type_params": {
                "conversion_type_params": {
                    "base_measure": "visitors",
                    "conversion_measure": "buyers",
                    "entity": "customer",
                    "calculation": "conversions",
                    "window": "1 day",
                }
            },
        },
        frozenset({"visits"}),
    )
]
FILLED = [
    _simple("orders", "orders_or_0", fill_nulls_with=0, join_to_timespine=True),
    _simple("returned_or_0", fill_nulls_with=0, join_to_timespine=True),
]
METRICS = [
    *SIMPLE,
    *FILTERED,
    *RATIOS,
    *DERIVED,
    *CUMULATIVE,
    *ROLLING,
    *TO_DATE,
    *OFFSET,
    *SEMI_ADDITIVE,
    *CONVERSION,
    *FILLED,
]
