"""Long training runs on a fleet of accelerator nodes."""
