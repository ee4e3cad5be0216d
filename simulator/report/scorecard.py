"""The scorecard: the index, the capabilities with what a person says of them, the measures."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from simulator.report.phrases import measure_title
from simulator.score.capability_score import CapabilityScore
from simulator.score.evaluator_note import EvaluatorNote
from simulator.score.measurement import Measurement
from simulator.score.rating import WORDS, Rating
from simulator.score.scores import Scores
from simulator.units.wording import format_count, format_duration, hhmm

NOT_RATED = "N/A"
VERDICT_TEXTS = {"pass": "PASSED", "fail": "FAILED", "invalid": "INVALID"}


class CapabilityRow(NamedTuple):
    """A capability of a run.

    Attributes
    ----------
    rating : str
        P, S, M, U or N/A.
    word : str
        The rating in words.
    score : float or None
        0 to 1.
    weight : float
        Its share of the index.
    why : str
    limits : list of str
        What caps its rating.
    observed : list of str
        What people say of it.
    """

    name: str
    rating: str
    word: str
    score: float | None
    weight: float
    why: str
    limits: list[str]
    observed: list[str]

    @property
    def value(self) -> str:
        """The score as text."""
        return "–" if self.score is None else f"{self.score:.2f}"

    @property
    def per_cent(self) -> int:
        """The score as the length of a bar."""
        return round(100 * (self.score or 0.0))


def capability_rows(scores: Scores) -> list[CapabilityRow]:
    """A row for every capability that the rubric weighs."""
    return [
        CapabilityRow(
            name,
            rating or NOT_RATED,
            WORDS[rating] if rating else "not rated",
            score.value,
            scores.weights.get(name, 0.0),
            score.why,
            list(_limits(score)),
            [note_sentence(note) for note in scores.observed if note.capability == name],
        )
        for name, score in scores.capabilities.items()
        for rating in [scores.ratings.get(name)]
    ]


def _limits(score: CapabilityScore) -> Iterator[str]:
    """Why a rating is no better than M or U."""
    yield from (f"U: {text}" for text in score.lost)
    yield from (f"at most M: {text}" for text in score.major)


def note_sentence(note: EvaluatorNote) -> str:
    """What a person says.

    Examples
    --------
    >>> note_sentence(EvaluatorNote("Kim", "asked first", "P", task="ask", t_seconds=720.0))
    'Kim rates P at 00:12 (ask): asked first'
    """
    at = "" if note.t_seconds is None else f" at {hhmm(round(1000 * note.t_seconds))}"
    verb = "observes" if note.rating is None else f"rates {note.rating}"
    about = ", ".join(filter(None, (note.objective, note.task)))
    return f"{note.by} {verb}{at}{f' ({about})' if about else ''}: {note.text}"


def other_notes(scores: Scores) -> list[str]:
    """What people say of no capability of the scorecard."""
    notes = [note for note in scores.observed if note.capability not in scores.capabilities]
    return [
        (f"{note.capability.capitalize()}. " if note.capability else "") + note_sentence(note)
        for note in notes
    ]


def index_sentence(scores: Scores) -> str:
    """The index with its rubric, or why there is none."""
    if scores.index is None:
        return f"No index: {scores.index_why or 'nothing of it was rated'}."
    return f"Index {scores.index:.1f} of 100, {index_basis(scores)}."


def index_basis(scores: Scores) -> str:
    """The rubric of an index, and how many of its capabilities were rated."""
    rated = [name for name, score in scores.capabilities.items() if score.value is not None]
    count = format_count(len(scores.capabilities), "capabilities")
    return f"by the rubric {scores.rubric}; {len(rated)} of {count} rated"


class MeasureRow(NamedTuple):
    """A measure: its value, par and parts, as text."""

    name: str
    title: str
    value: str
    par: str
    why: str
    parts: list[tuple[str, str]]
    missing: bool


def measure_rows(measures: Mapping[str, Measurement]) -> list[MeasureRow]:
    """A row for every measure."""
    return [
        MeasureRow(
            name,
            measure_title(name),
            format_measurement(measured),
            _par(measured),
            measured.why,
            [_part(name, value) for name, value in measured.parts.items()],
            measured.value is None,
        )
        for name, measured in measures.items()
    ]


def _par(measured: Measurement) -> str:
    """Par beside a value, which has the unit; times have their own."""
    if measured.par is None:
        return ""
    unit = measured.unit if measured.unit in ("seconds", "ratio") else ""
    return format_value(measured.par, unit)


def format_measurement(measured: Measurement) -> str:
    """The value of a measure with its unit; a time that has not ended is longer than so far.

    Examples
    --------
    >>> measurements = (Measurement(95.0), Measurement(0.8333, "ratio"), Measurement(1, "pages"),
    ...                 Measurement(None, reason="censored", censored_at=600.0))
    >>> [format_measurement(measured) for measured in measurements]
    ['1 min 35 s', '0.83', '1 page', '> 10 min']
    """
    if measured.value is None:
        at = measured.censored_at
        return "–" if at is None else f"> {format_value(at, measured.unit)}"
    return format_value(measured.value, measured.unit)


def format_value(value: float, unit: str) -> str:
    """A value with its unit."""
    if unit == "seconds":
        return format_duration(value * 1000)
    return f"{value:.2f}" if unit == "ratio" else format_count(value, unit)


def _part(name: str, value: float | None) -> tuple[str, str]:
    """A part of a measure, and its value; names end with their unit: `_seconds`, `_count`.

    Examples
    --------
    >>> _part("handoff", 0.6667), _part("nobody_seconds", 3570.0), _part("missed_count", 1.0)
    (('handoff', '0.67'), ('nobody', '59 min 30 s'), ('missed', '1'))
    """
    whole = name.replace("_", " ")
    title = whole.removesuffix(" seconds").removesuffix(" count")
    if value is None:
        return title, "–"
    if whole.endswith(" seconds"):
        return title, format_duration(value * 1000)
    if whole.endswith(" count"):
        return title, f"{value:g}"
    return title, f"{value:.2f}" if abs(value) <= 1 else f"{value:,.4g}"


def incident_ratings(scores: Scores) -> dict[str, list[tuple[str, str, str]]]:
    """The capability, the rating and the score in each of several incidents, by their ids."""
    if len(scores.incidents) < 2:
        return {}
    return {
        incident.id: [
            (name, _rating(incident.ratings.get(name)), f"{score.value:.2f}")
            for name, score in incident.capabilities.items()
            if score.value is not None
        ]
        for incident in scores.incidents
    }


def _rating(rating: Rating | None) -> str:
    return rating or NOT_RATED
