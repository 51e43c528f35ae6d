"""Checks of models and plans, and explanations."""
