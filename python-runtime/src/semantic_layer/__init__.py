"""The semantic layer: compiles queries over sources, measures and joins to SQL without double counting.

Modules in order of dependence: `models` (sources and queries), `catalog` and `graph` (names and joins), `measures`,
`filters` and `selection` (resolution of a query's expressions), `planner` (each fact at its own grain) and `generator`
(SQL). The entry points are `compiler`, `validation` and `scaffold`. The package is independent of HTTP and of database
connections; `ktx_daemon` may import it, never the reverse.
"""
