"""SQL of the dialects: parsing, spelling and generation."""
