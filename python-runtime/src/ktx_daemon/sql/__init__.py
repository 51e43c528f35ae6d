"""What can be known of SQL without a database: names, fingerprints, tables, columns, and whether it only reads."""
