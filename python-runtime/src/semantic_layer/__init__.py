"""The semantic layer: from sources, measures and joins to SQL whose numbers are right.

In this order of dependence: `models` (what a source and a query are), `catalog` and `graph` (names, and the declared
joins), `measures`, `filters` and `selection` (a query's texts, resolved), `planner` (each fact at its own grain), and
`generator` (the SQL). The doors are `compiler`, `validation` and `scaffold`. Nothing here knows of HTTP or of a
database connection; `ktx_daemon` may import this package, never the reverse.
"""
