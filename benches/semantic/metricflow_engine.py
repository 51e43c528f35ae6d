"""MetricFlow's engine over the retailer's model, which renders SQL of DuckDB."""

from __future__ import annotations

import json
from typing import Any

import duckdb
from data import SCHEMA
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow.sql.render.sql_plan_renderer import SqlPlanRenderer
from metricflow_semantic_interfaces.parsing.dir_to_model import parse_yaml_files_to_validation_ready_semantic_manifest
from metricflow_semantic_interfaces.parsing.objects import YamlConfigFile
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup
from metrics import METRICS
from model import semantic_models

Rows = list[dict[str, Any]]


class RenderingClient:
    """What the engine needs of a database to render SQL; it executes nothing."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer: SqlPlanRenderer = DuckDbSqlPlanRenderer()


def create_engine() -> MetricFlowEngine:
    """Return the engine."""
    spine = {
        "node_relation": {"schema_name": SCHEMA, "alias": "days"},
        "primary_column": {"name": "day", "time_granularity": "day"},
    }
    documents: list[dict[str, Any]] = [{"project_configuration": {"time_spines": [spine]}}]
    documents += [{"semantic_model": model} for model in semantic_models()]
    documents += [{"metric": {"name": metric.name, **metric.theirs}} for metric in METRICS]
    # JSON is YAML.
    text = "\n---\n".join(json.dumps(document) for document in documents)
    files = [YamlConfigFile(filepath="model.yaml", contents=text)]
    manifest = parse_yaml_files_to_validation_ready_semantic_manifest(files).semantic_manifest
    return MetricFlowEngine(SemanticManifestLookup(manifest), RenderingClient())


def render(engine: MetricFlowEngine, metrics: list[str], group_by: list[str], where: list[str]) -> str:
    """Return the SQL of a query. Raises an exception of MetricFlow if it refuses the query."""
    request = MetricFlowQueryRequest.create(metric_names=metrics, group_by_names=group_by, where_constraints=where)
    return engine.explain(request).sql_statement.sql


def fetch(connection: duckdb.DuckDBPyConnection, sql: str) -> Rows:
    """Return the rows of a statement by the names of its columns."""
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
