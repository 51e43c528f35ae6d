"""The types that warehouses return, and the conversion of values."""
