"""The grade of a drill: pure functions of a run's timeline (`analysis`).

Read `endings` (whether an incident ended by itself, or was closed too early), then `verdict`, then
`measures/` (one file each) and `grade`.
"""

from simulator.score.grade import MEASURES, grade, load_scores
from simulator.score.measure import Measure, Measurement
from simulator.score.rubric import rubric_of
from simulator.score.scores import Scores

__all__ = [
    "MEASURES", "Measure", "Measurement", "Scores", "grade", "load_scores", "rubric_of",
]  # fmt: skip
