"""`playbook_conformance`: how closely the team followed the drill's playbook."""

from collections.abc import Iterable
from typing import ClassVar

from simulator.analysis.alignment import Alignment
from simulator.analysis.playbook_fit import playbook_fit
from simulator.registry import part
from simulator.score.grading import Grading
from simulator.score.measure import Measure
from simulator.score.measurement import Measurement
from simulator.units.wording import join_words


@part
class PlaybookConformance(Measure):
    """The fitness of the cheapest alignment of the steps taken with the drill's playbook.

    1 for a run of the playbook; every step that it has not and every move that is missing lowers
    it by its weight: a look by 1, words by 2, an order or a call by 4.
    """

    unit: ClassVar[str] = "ratio"
    lower_is_better: ClassVar[bool | None] = False

    def measure(self, grading: Grading) -> Measurement:
        """The fitness, with the steps that differ."""
        alignment = playbook_fit(grading.timeline)
        if alignment is None:
            return Measurement.missing("the drill has no playbook", unit=self.unit)
        return Measurement(
            alignment.fitness,
            self.unit,
            parts={"cost": float(alignment.cost), "highest_cost": float(alignment.weight)},
            why=_differences(alignment),
            events=tuple(line for step in alignment.extra for line in step.lines),
        )


def _differences(alignment: Alignment) -> str:
    extra = _names(step.action for step in alignment.extra)
    missed = _names(move.action for move in alignment.missed)
    texts = [f"not in the playbook: {extra}"] if extra else []
    texts += [f"left out: {missed}"] if missed else []
    return "; ".join(texts) or "as the playbook says"


def _names(actions: Iterable[str]) -> str:
    """The actions by name, each with its number.

    Examples
    --------
    >>> _names(["look", "page", "look"])
    'look (2) and page'
    """
    names = list(actions)
    counts = {name: names.count(name) for name in dict.fromkeys(names)}
    return join_words([name if n == 1 else f"{name} ({n})" for name, n in counts.items()])
