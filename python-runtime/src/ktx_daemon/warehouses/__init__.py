"""The warehouses: one package each, with one module for each operation behind the interface of `interface.py`.

A package is imported by its name in `registry.py` when an operation first needs it, and a driver when a package first
connects.
"""
