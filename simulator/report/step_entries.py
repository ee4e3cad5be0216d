"""Steps of playbooks as entries of a story: which way a branch went, and the steps that failed."""

from collections.abc import Iterator

from simulator.report.entry import StoryEntry
from simulator.report.phrases import shorten
from simulator.run import Run
from simulator.run.events import ActionEvent, LookEvent, RefusedEvent, StepEvent

# How the reasons of branches begin.
OTHERWISE, NOTHING_MATCHED = "otherwise: ", "nothing matched: "


def steps(run: Run) -> Iterator[StoryEntry]:
    """The branches of playbooks, and the steps that failed or timed out.

    A step whose order or look failed has that entry alone.
    """
    failed: set[tuple[str, int]] = {(event.who, event.t) for event in run.of(RefusedEvent)}
    failed |= {(event.who, event.t) for event in run.of(LookEvent) if event.error}
    failed |= {(e.who, e.t) for e in run.of(ActionEvent) if e.state in {"failed", "unknown"}}
    for event in run.of(StepEvent):
        if event.verb == "branch" and event.state in {"begun", "skipped"}:
            yield StoryEntry(event.t, event.who, _branch(event), "log", 2)
        elif event.state == "timed out" or (
            event.state == "failed" and (event.who, event.t) not in failed
        ):
            why = f": {shorten(event.why, 110)}" if event.why else ""
            text = f"step {_name(event)} {event.state}{why}"
            yield StoryEntry(event.t, event.who, text, "bad", 1)


def _name(event: StepEvent) -> str:
    return f"“{event.name}”" if event.name else f"{event.path} ({event.verb})"


def _branch(event: StepEvent) -> str:
    """Which way a branch went, and why."""
    name = f" of “{event.name}”" if event.name else ""
    if event.state == "skipped":
        return f"takes no branch{name}: {shorten(event.why.removeprefix(NOTHING_MATCHED), 110)}"
    if event.why.startswith(OTHERWISE):
        why = event.why.removeprefix(OTHERWISE)
        return f"takes the last branch{name}, as no other is true: {shorten(why, 110)}"
    return f"takes the branch{name} of {shorten(event.why, 110)}"
