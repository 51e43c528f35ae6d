"""The rules that Apache Ossie's foundation states for semantic layers, with models and rows of this project."""
