"""Real engines for the warehouse connectors: starts them, loads TPC-H, and reports what was executed on each.

    PYTHONPATH=src python -m tests.warehouses [engine …]        run engines, all by default, and print the report
    PYTHONPATH=src python -m tests.warehouses --update-locks    resolve the packages of the engines again

`scripts/warehouses.mjs` runs it, with PostgreSQL and MariaDB if they are needed. Each engine is a module in `engines`;
its Python packages have an environment of their own in the user's cache, made once (`environment`). Statements run in
two ways: by the engine's own client (`client`), the second opinion, and by the daemon's connector (`connector`).
"""
