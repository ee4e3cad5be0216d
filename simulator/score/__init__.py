"""The grade of a drill: pure functions of a run's timeline (`analysis`).

Read `grade` first: it puts together the `verdict/` (a file a rule), the `measures/` and the
`capabilities/` (a file each), which read a `Grading`: a run, its yardsticks and the rubric. The
ratings and the index follow from the capabilities; `scores` is the result and its file.
"""

from simulator.score.capability import Capability
from simulator.score.capability_score import CapabilityScore
from simulator.score.grade import grade, load_scores
from simulator.score.grading import CAPABILITIES, MEASURES, Grading
from simulator.score.measure import Measure
from simulator.score.measurement import Measurement
from simulator.score.rubric import rubric_of
from simulator.score.scores import Scores

__all__ = [
    "CAPABILITIES", "MEASURES", "Capability", "CapabilityScore", "Grading", "Measure",
    "Measurement", "Scores", "grade", "load_scores", "rubric_of",
]  # fmt: skip
