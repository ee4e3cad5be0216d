"""Logs how the steps of a playbook went."""

from simulator.scenario import Step
from simulator.session import Door
from simulator.source import Key
from simulator.source.complaint import format_path

# Who carries out the steps.
BY = "engineer"
Path = tuple[Key, ...]


class StepLog:
    """Logs the steps of a playbook through the door of whoever follows it."""

    def __init__(self, door: Door, playbook: str) -> None:
        self._door, self._playbook = door, playbook

    def begin(self, step: Step, at: Path, why: str = "") -> None:
        """Log that a step begins; a branch, which way it goes."""
        self._log(step, at, "begun", why)

    def skip(self, step: Step, at: Path, why: str) -> None:
        """Log that a step is skipped: its condition is false."""
        self._log(step, at, "skipped", why)

    def end(self, step: Step, at: Path, state: str = "done", why: str = "") -> None:
        """Log that a step is done, failed or timed out."""
        self._log(step, at, state, why)

    def _log(self, step: Step, at: Path, state: str, why: str) -> None:
        self._door.log_step(
            self._playbook, format_path(at), step.verb, state, why, name=step.name or "", by=BY
        )
