"""Long training runs on many machines."""
