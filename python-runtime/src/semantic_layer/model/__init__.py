"""The model of a project: its types, the lookup of its names, and queries and answers."""
