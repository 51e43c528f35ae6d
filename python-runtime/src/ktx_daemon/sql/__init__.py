"""SQL analysis without a database: names, fingerprints, tables, columns, and the read-only check."""
