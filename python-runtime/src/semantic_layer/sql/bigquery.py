"""BigQuery, with groups by their expressions.

For an ordered query sqlglot generates the alias of a group in place of its expression. Where a table has a column of
that name, BigQuery finds the name ambiguous, or groups by the column.
"""

from __future__ import annotations

from sqlglot import exp, transforms
from sqlglot.dialects.bigquery import BigQuery
from sqlglot.generators.bigquery import BigQueryGenerator


class BigQueryByExpressions(BigQuery):
    """Parses BigQuery, and generates GROUP BY as it is in the tree."""

    class Generator(BigQueryGenerator):
        """Generator of SQL without aliases in GROUP BY."""

        TRANSFORMS = {  # noqa: RUF012
            **BigQueryGenerator.TRANSFORMS,
            exp.Select: transforms.preprocess(
                [
                    transforms.explode_projection_to_unnest(),
                    transforms.unqualify_unnest,
                    transforms.eliminate_distinct_on,
                    transforms.eliminate_semi_and_anti_joins,
                ]
            ),
        }
