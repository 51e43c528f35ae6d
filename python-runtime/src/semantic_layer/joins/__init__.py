"""The join graph: paths, ambiguity, bridges, and the join tree of an aggregation."""
