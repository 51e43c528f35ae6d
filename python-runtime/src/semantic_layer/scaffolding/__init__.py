"""Generation of sources from tables."""
