"""What is measured of a run: one file a measure, and the folder is the list."""
