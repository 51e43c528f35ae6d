"""ClickHouse and ClickHouse Cloud, over HTTP."""
