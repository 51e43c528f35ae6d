"""The tests of the Python runtime: real processes, real sockets, real databases."""
