"""Clients of the engines; each module is imported in the environment of its engine only."""
