"""The result of a drill, and its file, scores.json."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from simulator.analysis.marks import Incident, Marks
from simulator.analysis.worth import Worth
from simulator.run.folder import write_text
from simulator.score.measure import Measurement

FORMAT = 1
DAMAGED = "it is damaged; delete it to have the run graded anew"


class IncidentEntry(msgspec.Struct, frozen=True):
    """A fault and its marks in scores.json; None for what did not happen."""

    id: str
    fault: str
    marks_seconds: dict[str, float | None]

    @classmethod
    def of(cls, incident: Incident) -> Self:
        """The entry of an incident."""
        marks = {name: None if t is None else t / 1000 for name, t in incident.marks.items()}
        return cls(incident.id, incident.fault, marks)

    @property
    def incident(self) -> Incident:
        """The incident of an entry."""
        marks = {
            name: None if seconds is None else round(seconds * 1000)
            for name, seconds in self.marks_seconds.items()
        }
        return Incident(self.id, self.fault, Marks(**marks))


class ScoresFile(msgspec.Struct, frozen=True):
    """The content of scores.json: its format, and the fields of `Scores`."""

    format: int
    scenario: str
    version: int
    seed: int
    digest: str
    verdict: str
    why: tuple[str, ...]
    incidents: tuple[IncidentEntry, ...]
    measures: dict[str, Measurement]
    ratings: dict[str, str | None]
    index: float | None
    worth: Worth | None


class _Start(msgspec.Struct):
    """The format of any scores.json."""

    format: object = None


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
    worth : Worth or None
        The worth of the run and of each order; None without twins.
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
    worth: Worth | None = None

    def to_json(self) -> str:
        """The text of scores.json, without a final newline."""
        incidents = tuple(IncidentEntry.of(incident) for incident in self.incidents)
        content = ScoresFile(FORMAT, **{**vars(self), "incidents": incidents})
        return msgspec.json.format(msgspec.json.encode(content), indent=2).decode()

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
            content = msgspec.json.decode(text, type=ScoresFile)
            incidents = tuple(entry.incident for entry in content.incidents)
        except (msgspec.DecodeError, UnicodeDecodeError, TypeError):
            raise ValueError(DAMAGED) from None
        fields = msgspec.structs.asdict(content)
        del fields["format"]
        return cls(**{**fields, "incidents": incidents})
