"""`grade(timeline, rubric)`: marks, measures, capabilities, ratings and the verdict of a run."""

from collections.abc import Mapping

from simulator.analysis import Timeline
from simulator.analysis.marks import Incident
from simulator.run import RunError
from simulator.scenario.observations import Observations
from simulator.scenario.rubric import Rubric
from simulator.score.capability import IncidentCapability
from simulator.score.capability_score import CapabilityScore
from simulator.score.drill_rubric import drill_rubric
from simulator.score.evaluator_note import evaluator_notes
from simulator.score.grading import CAPABILITIES, MEASURES, Grading
from simulator.score.index import index
from simulator.score.measure import IncidentMeasure
from simulator.score.rating import rate
from simulator.score.rubric import rubric_of
from simulator.score.scores import IncidentGrade, Scores
from simulator.score.verdict import judge

# The order of the shipped measures in reports; the others come after them.
ORDER = (
    "time_to_detect",
    "silent_time",
    "time_to_acknowledge",
    "time_to_diagnose",
    "time_to_mitigate",
    "time_to_recover",
    "harm_avoided",
    "escalation_quality",
    "safety",
)
NO_INDEX = "there is no index without the twins: nothing to compare the run with"


def grade(
    timeline: Timeline,
    rubric: Rubric | Mapping[str, object] | None = None,
    observations: Observations | None = None,
) -> Scores:
    """Grade a run; nothing is simulated.

    Parameters
    ----------
    timeline : Timeline
        Of the run. Without its twins, what needs one is None. The verdict needs none.
    rubric : Rubric or mapping, optional
        A rubric file's content; by default the shipped rubric for the run's players.
    observations : Observations, optional
        What people saw; it changes nothing of what follows from the run.
    """
    header = timeline.header
    rubric = rubric_of(rubric, header)
    grading = Grading(timeline, rubric)
    verdict, why = judge(timeline, rubric)
    weights = rubric.weights.model_dump()
    names = [name for name in weights if name in CAPABILITIES.names()]
    scores = {name: grading.scored(name) for name in names}
    has_yardsticks = grading.nobody is not None
    value = index(scores, weights) if has_yardsticks else None
    why_not = NO_INDEX if not has_yardsticks else "nothing of it was rated"
    return Scores(
        scenario=header.scenario,
        version=header.version,
        seed=header.seed,
        digest=timeline.run.digest,
        rubric=rubric.name,
        verdict=verdict,
        why=tuple(why),
        incidents=tuple(_incident_grade(grading, i) for i in timeline.incidents),
        measures={name: grading.measured_with_par(name) for name in measure_names()},
        capabilities=scores,
        ratings={name: rate(score, rubric.ratings) for name, score in scores.items()},
        weights=weights,
        index=None if value is None else round(value, 2),
        index_why="" if value is not None else why_not,
        worth=timeline.worth,
        observed=evaluator_notes(observations),
    )


def measure_names() -> list[str]:
    """All measures, in the order of reports."""
    names = MEASURES.names()
    return [
        *(name for name in ORDER if name in names),
        *(name for name in names if name not in ORDER),
    ]


def _incident_grade(grading: Grading, incident: Incident) -> IncidentGrade:
    measures = {}
    for name in measure_names():
        if issubclass(MEASURES.get(name), IncidentMeasure):
            measured = grading.measured_incident(name, incident)
            if measured is not None:
                measures[name] = measured
    scores: dict[str, CapabilityScore] = {
        name: grading.scored_incident(name, incident)
        for name in CAPABILITIES.names()
        if issubclass(CAPABILITIES.get(name), IncidentCapability)
        and name not in grading.rubric.not_rated
    }
    return IncidentGrade(
        incident.id,
        incident.fault,
        {name: None if t is None else t / 1000 for name, t in incident.marks.items()},
        measures,
        scores,
        {name: rate(score, grading.rubric.ratings) for name, score in scores.items()},
    )


def load_scores(timeline: Timeline) -> Scores:
    """The scores in a run's folder; graded now if there are none, as after an interruption.

    Raises
    ------
    RunError
        If scores.json is damaged or has another format.
    """
    run = timeline.run
    path = run.folder / "scores.json" if run.folder else None
    if path is None or not path.is_file():
        return grade(timeline, drill_rubric(run))
    try:
        scores = Scores.from_json(path.read_bytes())
    except ValueError as error:
        raise RunError(f"{path}: not a valid scores file: {error}") from None
    # Scores with another digest belong to another log, or to an earlier state of this one.
    return scores if scores.digest == run.digest else grade(timeline, drill_rubric(run))
