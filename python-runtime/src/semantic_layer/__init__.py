"""The semantic layer: from sources, measures and joins to SQL whose numbers are right.

What belongs here, in this order of dependence: `models` (what a source and a query are), a graph of the declared
joins, a planner that aggregates each fact at its own grain before it joins, and a generator that writes the SQL.
Nothing here knows of HTTP or of a database connection; `ktx_daemon` may import this package, never the reverse.
"""
