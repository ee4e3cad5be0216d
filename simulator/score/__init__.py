"""What a drill is worth: pure functions of a run's folder and its twins.

Read `marks` (when what happened), `attribution` and `blame` (which fault an alert, a breach
and a debt are due to) and `endings` (by itself or not, closed in time or not), then `verdict`,
then `measures/` (one file each).
"""

from simulator.score.grade import Scores, grade, measures, scores_of
from simulator.score.marks import Incident, Marks, incidents
from simulator.score.measure import Measure, Measured
from simulator.score.rubric import rubric_of

__all__ = [
    "Incident",
    "Marks",
    "Measure",
    "Measured",
    "Scores",
    "grade",
    "incidents",
    "measures",
    "rubric_of",
    "scores_of",
]
