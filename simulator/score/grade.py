"""`grade(timeline, rubric)`: marks, measurements and the verdict of a run."""

from collections.abc import Mapping

from simulator.analysis import Timeline
from simulator.registry import Registry
from simulator.run import RunError
from simulator.scenario.rubric import Rubric
from simulator.score.measure import NOT_MEASURED_YET, Measure, Measurement
from simulator.score.rubric import rubric_of
from simulator.score.scores import Scores
from simulator.score.verdict import judge

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


def grade(timeline: Timeline, rubric: Rubric | Mapping[str, object] | None = None) -> Scores:
    """Grade a run; nothing is simulated.

    Parameters
    ----------
    timeline : Timeline
        Of the run. Without its twins, the marks that need one are None. The verdict needs none.
    rubric : Rubric or mapping, optional
        A rubric file's content; by default the shipped rubric.
    """
    rubric, header = rubric_of(rubric), timeline.header
    verdict, why = judge(timeline, rubric)
    names = [*ORDER, *(name for name in MEASURES.names() if name not in ORDER)]
    measured = {name: MEASURES.get(name)().measure(timeline) for name in names}
    return Scores(
        scenario=header.scenario,
        version=header.version,
        seed=header.seed,
        digest=timeline.run.digest,
        verdict=verdict,
        why=tuple(why),
        incidents=tuple(timeline.incidents),
        measures={**measured, **PLANNED},
        ratings=dict.fromkeys(type(rubric.weights).model_fields),
        worth=timeline.worth,
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
        return grade(timeline)
    try:
        scores = Scores.from_json(path.read_bytes())
    except ValueError as error:
        raise RunError(f"{path}: not a valid scores file: {error}") from None
    # Scores with another digest belong to another log, or to an earlier state of this one.
    return scores if scores.digest == run.digest else grade(timeline)
