"""What a drill is worth: pure functions of a run's folder and its twins.

Read `marks` (the times of an incident), `attribution` and `harm` (which fault caused an alert, a
breach or a debt) and `endings` (whether an incident ended by itself, or was closed too early), then
`verdict`, then `measures/` (one file each).
"""

from simulator.analysis.marks import Incident, Marks, incidents
from simulator.score.grade import MEASURES, Scores, grade, load_scores
from simulator.score.measure import Measure, Measurement
from simulator.score.rubric import rubric_of

__all__ = [
    "MEASURES", "Incident", "Marks", "Measure", "Measurement", "Scores", "grade", "incidents",
    "load_scores", "rubric_of",
]  # fmt: skip
