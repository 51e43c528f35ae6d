"""Real engines for the tests of the warehouses."""
