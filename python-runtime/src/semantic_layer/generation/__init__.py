"""SQL of plans: facts, groups, calculations over groups, and the statement."""
