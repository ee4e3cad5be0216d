"""`grade(run, twins, rubric)`: marks, measurements, the verdict; their form in scores.json."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from simulator.analysis.marks import Incident, Marks, incidents
from simulator.registry import Registry
from simulator.run import Run, RunError
from simulator.run.folder import write_text
from simulator.scenario.rubric import Rubric
from simulator.score.measure import NOT_MEASURED_YET, Measure, Measurement
from simulator.score.rubric import rubric_of
from simulator.score.verdict import judge

FORMAT = 1
MEASURES: Registry[Measure] = Registry("simulator.score.measures", Measure, "measure")
# The order of the shipped measures in reports; those from entry points come after them.
ORDER = (
    "time_to_detect",
    "silent_time",
    "time_to_acknowledge",
    "time_to_diagnose",
    "time_to_mitigate",
    "time_to_recover",
)
# Their keys are part of the format from the start, so that readers need no second version.
PLANNED = {
    "harm_avoided": Measurement(None, "ratio", why=NOT_MEASURED_YET),
    "escalation_quality": Measurement(None, "ratio", why=NOT_MEASURED_YET, parts={}),
    "safety": Measurement(None, "ratio", why=NOT_MEASURED_YET),
}


@dataclass(frozen=True)
class Scores:
    """The result of a drill.

    Attributes
    ----------
    verdict : str
        `pass`, `fail` or `invalid`.
    why : tuple of str
        A sentence for each reason of the verdict.
    incidents : tuple of Incident
        The marks of each fault, ms.
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
    measures: Mapping[str, Measurement]
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
            "incidents": [_incident_as_dict(incident) for incident in self.incidents],
            "measures": {name: measured.as_json() for name, measured in self.measures.items()},
            "ratings": dict(self.ratings),
            "index": self.index,
        }

    def to_json(self) -> str:
        """The text of scores.json, without a final newline."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    def write(self, path: Path) -> None:
        """Write scores.json."""
        write_text(path, self.to_json() + "\n")

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The scores that `to_json` wrote.

        Raises
        ------
        ValueError
            If the text has another format.
        """
        content = json.loads(text)
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")
        measures = content["measures"]
        return cls(
            scenario=content["scenario"],
            version=content["version"],
            seed=content["seed"],
            digest=content["digest"],
            verdict=content["verdict"],
            why=tuple(content["why"]),
            incidents=tuple(
                Incident(entry["id"], entry["fault"], _marks_from(entry["marks_seconds"]))
                for entry in content["incidents"]
            ),
            measures={name: Measurement.from_json(entry) for name, entry in measures.items()},
            ratings=content["ratings"],
            index=content["index"],
        )


def grade(
    run: Run,
    twins: Mapping[str, Run] | None = None,
    rubric: Rubric | Mapping[str, Any] | None = None,
) -> Scores:
    """Grade a run; nothing is simulated.

    Parameters
    ----------
    twins : mapping of str to Run, optional
        `no-fault` and `none`, and for several faults `without-ID` each; by default the run's.
        Without them, the marks that need one are None. The verdict needs none.
    rubric : Rubric or mapping, optional
        A rubric file's content; by default the shipped rubric.
    """
    twins = run.twins if twins is None else twins
    rubric = rubric_of(rubric)
    graded = incidents(run, twins)
    verdict, why = judge(run, rubric)
    names = [*ORDER, *(name for name in MEASURES.names() if name not in ORDER)]
    measured = {name: MEASURES.get(name)().measure(run, graded, twins) for name in names}
    return Scores(
        scenario=run.header.scenario,
        version=run.header.version,
        seed=run.header.seed,
        digest=run.digest,
        verdict=verdict,
        why=tuple(why),
        incidents=tuple(graded),
        measures={**measured, **PLANNED},
        ratings=dict.fromkeys(type(rubric.weights).model_fields),
    )


def load_scores(run: Run) -> Scores:
    """The scores in a run's folder; graded now if there are none, as after an interruption.

    Raises
    ------
    RunError
        If scores.json is damaged or has another format.
    """
    path = run.folder / "scores.json" if run.folder else None
    if path is None or not path.is_file():
        return grade(run)
    try:
        scores = Scores.from_json(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError):
        raise RunError(
            f"{path}: not a valid scores file: it is damaged; delete it to have the run graded anew"
        ) from None
    except ValueError as error:
        raise RunError(f"{path}: not a valid scores file: {error}") from None
    # Scores with another digest belong to another log, or to an earlier state of this one.
    return scores if scores.digest == run.digest else grade(run)


def _incident_as_dict(incident: Incident) -> dict[str, Any]:
    marks = {k: None if t is None else t / 1000 for k, t in incident.marks.items()}
    return {"id": incident.id, "fault": incident.fault, "marks_seconds": marks}


def _marks_from(seconds: Mapping[str, float | None]) -> Marks:
    return Marks(**{k: None if t is None else round(t * 1000) for k, t in seconds.items()})
