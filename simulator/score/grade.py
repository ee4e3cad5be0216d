"""`grade(run, twins, rubric)`: marks, measures and the verdict, and how scores.json has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.registry import Registry
from simulator.run import Run, RunError, write_text
from simulator.scenario.rubric import Rubric
from simulator.score.marks import Incident, Marks, incidents
from simulator.score.measure import LATER, Measure, Measured
from simulator.score.rubric import rubric_of
from simulator.score.verdict import judge

FORMAT = 1
# In the order in which people read them; what others bring by entry points comes after.
ORDER = (
    "time_to_detect",
    "silent_time",
    "time_to_acknowledge",
    "time_to_diagnose",
    "time_to_mitigate",
    "time_to_recover",
)
# Their keys are part of the format from the start, so that readers need no second version.
TO_COME = {
    "harm_avoided": Measure(None, "ratio", why=LATER),
    "escalation_quality": Measure(None, "ratio", why=LATER, parts={}),
    "safety": Measure(None, "ratio", why=LATER),
}


def measures() -> Registry[Measured]:
    """The catalogue of measures."""
    return Registry("simulator.score.measures", Measured, "measure")


@dataclass(frozen=True)
class Scores:
    """What a drill was worth.

    Attributes
    ----------
    verdict : str
        `pass`, `fail` or `invalid`.
    why : tuple of str
        A sentence for each reason of the verdict.
    incidents : tuple of Incident
        The marks of each fault, ms.
    measures : mapping of str to Measure
    ratings : mapping of str to str or None
        P, S, M or U by capability.
    index : float or None
        0 to 100.
    """

    scenario: str
    version: int
    seed: int
    digest: str
    verdict: str
    why: tuple[str, ...]
    incidents: tuple[Incident, ...]
    measures: Mapping[str, Measure]
    ratings: Mapping[str, str | None]
    index: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """The content of scores.json."""
        return {
            "format": FORMAT,
            "scenario": self.scenario,
            "version": self.version,
            "seed": self.seed,
            "digest": self.digest,
            "verdict": self.verdict,
            "why": list(self.why),
            "incidents": [_incident(incident) for incident in self.incidents],
            "measures": {name: measure.as_json() for name, measure in self.measures.items()},
            "ratings": dict(self.ratings),
            "index": self.index,
        }

    def to_json(self) -> str:
        """The text of scores.json, without a last line end."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    def write(self, path: Path) -> None:
        """Write scores.json."""
        write_text(path, self.to_json() + "\n")

    @classmethod
    def of_json(cls, text: str) -> Scores:
        """The scores that `to_json` wrote.

        Raises
        ------
        ValueError
            If the text is none of ours.
        """
        found = json.loads(text)
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise ValueError(f"these scores are not of format {FORMAT}")
        return cls(
            scenario=found["scenario"],
            version=found["version"],
            seed=found["seed"],
            digest=found["digest"],
            verdict=found["verdict"],
            why=tuple(found["why"]),
            incidents=tuple(
                Incident(entry["id"], entry["fault"], _marks(entry["marks_seconds"]))
                for entry in found["incidents"]
            ),
            measures={name: Measure.of_json(entry) for name, entry in found["measures"].items()},
            ratings=found["ratings"],
            index=found["index"],
        )


def grade(
    run: Run,
    twins: Mapping[str, Run] | None = None,
    rubric: Rubric | Mapping[str, Any] | None = None,
) -> Scores:
    """What a run was worth; it simulates nothing.

    Parameters
    ----------
    run : Run
    twins : mapping of str to Run, optional
        `no-fault` and `none`, and of several faults `without-ID` each; by default those that
        the run has. Without them, the marks that need one are None. The verdict needs none.
    rubric : Rubric or mapping, optional
        A rubric file's content; by default the shipped one.
    """
    twins = run.twins if twins is None else twins
    rubric = rubric_of(rubric)
    found = incidents(run, twins)
    verdict, why = judge(run, rubric)
    parts = measures()
    names = [*ORDER, *(name for name in parts.names() if name not in ORDER)]
    judged = {name: parts.get(name)().measure(run, found, twins) for name in names}
    return Scores(
        scenario=str(run.header.get("scenario", "")),
        version=int(run.header.get("version", 1)),
        seed=int(run.header.get("seed", 0)),
        digest=run.digest,
        verdict=verdict,
        why=tuple(why),
        incidents=tuple(found),
        measures={**judged, **TO_COME},
        ratings=dict.fromkeys(type(rubric.weights).model_fields),
    )


def scores_of(run: Run) -> Scores:
    """The scores in a run's folder; graded now where there are none, as of a run cut off.

    Raises
    ------
    RunError
        If scores.json is not what we write.
    """
    path = run.folder / "scores.json" if run.folder else None
    if path is None or not path.is_file():
        return grade(run)
    try:
        found = Scores.of_json(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError):
        told = "the file is damaged; without it the run is graded anew"
        raise RunError(f"{path}: no scores of ours: {told}") from None
    except ValueError as error:
        raise RunError(f"{path}: no scores of ours: {error}") from None
    # Scores of another log, or of one that went on: what they say is not about this run.
    return found if found.digest == run.digest else grade(run)


def _incident(incident: Incident) -> dict[str, Any]:
    marks = {k: None if t is None else t / 1000 for k, t in incident.marks.items()}
    return {"id": incident.id, "fault": incident.fault, "marks_seconds": marks}


def _marks(seconds: Mapping[str, float | None]) -> Marks:
    return Marks(**{k: None if t is None else round(t * 1000) for k, t in seconds.items()})
