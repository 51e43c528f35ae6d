"""Calendar tables."""
