"""The result of a drill, and its file, scores.json."""

from pathlib import Path
from typing import Literal, Self

import msgspec

from simulator.analysis.marks import Incident, Marks
from simulator.analysis.worth import Worth
from simulator.run.folder import write_text
from simulator.score.capability_score import CapabilityScore
from simulator.score.evaluator_note import EvaluatorNote
from simulator.score.measurement import Measurement
from simulator.score.rating import Rating
from simulator.score.verdict.reason import VerdictReason

FORMAT = 2
DAMAGED = "it is damaged; delete it to have the run graded anew"


class IncidentGrade(msgspec.Struct, frozen=True):
    """An incident, graded by itself.

    Attributes
    ----------
    id : str
        The id of its fault's inject.
    fault : str
        The name of its fault.
    marks_seconds : dict of str to float or None
        Its marks, in seconds since the start of the drill; None for what did not happen.
    measures : dict of str to Measurement
        Those of this incident; without what has nothing to measure.
    capabilities : dict of str to CapabilityScore
        Their scores in this incident.
    ratings : dict of str to str or None
        P, S, M or U by capability; None where it could not be shown.
    """

    id: str
    fault: str
    marks_seconds: dict[str, float | None]
    measures: dict[str, Measurement] = {}
    capabilities: dict[str, CapabilityScore] = {}
    ratings: dict[str, Rating | None] = {}

    @property
    def marks(self) -> Marks:
        """The marks in ms."""
        return Marks(
            **{
                name: None if seconds is None else round(seconds * 1000)
                for name, seconds in self.marks_seconds.items()
            }
        )

    @property
    def incident(self) -> Incident:
        """The incident as it was found in the run."""
        return Incident(self.id, self.fault, self.marks)


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a drill: the content of scores.json.

    Attributes
    ----------
    format : int
        The version of this format.
    scenario, version, seed : str and int
        The drill's.
    digest : str
        Of the run's log.
    rubric : str
        The name of the rubric.
    verdict : str
        pass, fail or invalid.
    why : tuple of VerdictReason
        A sentence for each reason of the verdict.
    incidents : tuple of IncidentGrade
        In order of onset.
    measures : dict of str to Measurement
        Of the run; of several incidents the worst one's.
    capabilities : dict of str to CapabilityScore
        Their scores, by the names of the rubric's weights.
    ratings : dict of str to str or None
        P, S, M or U by capability; None where it could not be shown.
    weights : dict of str to float
        The share of each capability in the index, as the rubric states it.
    index : float or None
        0 to 100.
    index_why : str
        Why there is none; empty with an index.
    worth : Worth or None
        The worth of the run and of each order; None without twins.
    observed : tuple of EvaluatorNote
        What people saw; their ratings stand beside the machine's.
    """

    format: int = FORMAT
    scenario: str
    version: int
    seed: int
    digest: str
    rubric: str = "default"
    verdict: Literal["pass", "fail", "invalid"]
    why: tuple[VerdictReason, ...]
    incidents: tuple[IncidentGrade, ...]
    measures: dict[str, Measurement]
    capabilities: dict[str, CapabilityScore] = {}
    ratings: dict[str, Rating | None] = {}
    weights: dict[str, float] = {}
    index: float | None = None
    index_why: str = ""
    worth: Worth | None = None
    observed: tuple[EvaluatorNote, ...] = ()

    def to_json(self) -> str:
        """The text of scores.json, without a final newline."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2).decode()

    def write(self, path: Path) -> None:
        """Write scores.json."""
        write_text(path, self.to_json() + "\n")

    @classmethod
    def from_json(cls, text: bytes | str) -> Self:
        """The scores that `to_json` wrote.

        Raises
        ------
        ValueError
            If the text is damaged or has another format.
        """
        try:
            if msgspec.json.decode(text, type=_Start).format != FORMAT:
                raise ValueError(f"its format is not {FORMAT}")
            return msgspec.json.decode(text, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise ValueError(DAMAGED) from None


class _Start(msgspec.Struct):
    """The format of any scores.json."""

    format: object = None
