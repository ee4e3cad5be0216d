"""Exceptions from the house rules, each with its reason."""

# Rooms whose file names are given by something else, so that they may repeat another room's.
NAMED_ROOMS = {
    "actions": "a part's name in YAML",
    "debts": "a part's name in the log",
    "faults": "a part's name in YAML",
    "measures": "a part's name in scores.json",
    "monitors": "a part's name in YAML",
    "cli": "the command's name",
    "exporters": "the exporting system's name",
}

# Files of one name in several rooms.
SHARED_FILE_NAMES = {
    "__init__": "Python's name for what a room exports",
    "injects": "in scenario as authors write them, in director bound",
    "objectives": "in scenario as authors write them, in director measured",
    "batching": "in scenario as authors write it, in the pipeline its law",
    "rubric": "in scenario as authors write it, in score applied",
    "laws": "the laws of a room of the pipeline, and their making in setting",
}

# Functions above the limit of lines, by `path:name`.
LONG_FUNCTIONS = {
    "simulator/pipeline/serving/fcfs.py:advance": (
        "The inner loop of first-come-first-served in plain Python: calls per event cost time."
    ),
    "simulator/pipeline/serving/fcfs_compiled.py:_advance": (
        "The same loop, compiled: both are compared line by line."
    ),
}
