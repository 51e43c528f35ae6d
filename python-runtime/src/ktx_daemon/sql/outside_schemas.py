"""Functions that are recognised by their schema: they send values to a language model, or reach files of a cloud.

Sources are the function references of Snowflake, BigQuery, Databricks and MySQL HeatWave, and of the extensions pgai,
azure_ai, google_ml_integration and aws_ml of PostgreSQL.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ktx_daemon.sql.dialects import PG_PREFIXED
from ktx_daemon.sql.lexical import SPARK_LIKE

# Calls of a model are paid by the token. Its functions are `ai_…` in these dialects, or have a schema.
AI_PREFIXED = frozenset({"snowflake", "doris", "starrocks"}) | SPARK_LIKE
AI_SCHEMAS = {
    **dict.fromkeys(
        PG_PREFIXED,
        re.compile(r"(ai|azure_(ai|openai|cognitive|ml)|google_ml|aws_(bedrock|comprehend|sagemaker))\.\w+"),
    ),
    "mysql": re.compile(r"(sys\.)?ml_(generate|embed_row)"),
    "snowflake": re.compile(r"cortex\.\w+"),
    "bigquery": re.compile(r"ai\.\w+|ml\.(generate|translate|understand|annotate|process|transcribe)\w*"),
}
# BigQuery lists files of Cloud Storage, and makes addresses by which anyone can read or replace one.
FILE_SCHEMAS = {"bigquery": re.compile(r"obj\.(get_access_url|get_read_url|list|fetch_metadata)")}


def acts_outside(parts: Sequence[str], dialect: str) -> bool:
    """Return whether a function of this name in lower case, in parts, calls a model or reaches files of a cloud."""
    qualified = ".".join(parts).rsplit(".", 2)[-2:]
    if dialect in AI_PREFIXED and qualified[-1].startswith("ai_"):
        return True
    patterns = (AI_SCHEMAS.get(dialect), FILE_SCHEMAS.get(dialect))
    return any(pattern.fullmatch(".".join(qualified)) for pattern in patterns if pattern is not None)
