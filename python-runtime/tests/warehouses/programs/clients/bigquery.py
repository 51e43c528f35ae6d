"""BigQuery by Google's client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery


class Session:
    """A client of one data set."""

    def __init__(self, url: str, project: str, dataset: str) -> None:
        options = ClientOptions(api_endpoint=url)
        default = bigquery.QueryJobConfig(default_dataset=f"{project}.{dataset}")
        self._dataset = f"{project}.{dataset}"
        self._client = bigquery.Client(
            project,
            credentials=AnonymousCredentials(),
            client_options=options,
            default_query_job_config=default,
        )

    def rows(self, sql: str) -> list[Any]:
        """Run a statement as a query job."""
        return [row.values() for row in self._client.query(sql).result()]

    def load(self, table: str, file: str) -> None:
        """Append a Parquet file by a load job."""
        config = bigquery.LoadJobConfig(source_format="PARQUET", write_disposition="WRITE_APPEND")
        with Path(file).open("rb") as data:
            self._client.load_table_from_file(data, f"{self._dataset}.{table}", job_config=config).result()


connect = Session
