"""What follows from a run alone, without its twins."""

from functools import cached_property

from simulator.analysis.onsets import Onset, onsets
from simulator.analysis.truth import Objective, end_of, objectives
from simulator.run import Header, Run


class RunRecord:
    """What follows from a run alone; everything is computed once, when it is first read."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @property
    def header(self) -> Header:
        """The run's header."""
        return self.run.header

    @cached_property
    def end(self) -> int:
        """When the drill ended, ms; for an interrupted drill, the last recorded time."""
        return end_of(self.run)

    @cached_property
    def graded_players(self) -> frozenset[str]:
        """The players whose orders are graded, whoever of them gave one."""
        players = self.header.players
        graded = {player.name for player in players if player.graded and player.role == "responder"}
        return frozenset(graded if players else {self.header.plays})

    @cached_property
    def onsets(self) -> tuple[Onset, ...]:
        """The faults that began, in order."""
        return tuple(onsets(self.run))

    @cached_property
    def objectives(self) -> tuple[Objective, ...]:
        """The objectives, in the order in which the scenario lists them."""
        return tuple(objectives(self.run))
