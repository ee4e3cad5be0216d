"""The course of a playbook: its steps one after another, over simulated time."""

from collections.abc import Generator, Iterable, Mapping
from typing import Any, NamedTuple

from simulator.actions import with_defaults
from simulator.responders.playbook.findings import Findings, UnresolvedReference
from simulator.responders.playbook.questions import Questions
from simulator.responders.playbook.step_log import Path, StepLog
from simulator.scenario import Playbook, Step
from simulator.scenario.playbook import Branch, LogSearch, StepOrder, Verify
from simulator.session import Door, Order, OrderRejected
from simulator.units.wording import format_duration

# The longest wait for the end of an order.
PATIENCE_MS = 45 * 60_000

# Yields the next wake-up, ms.
Wakes = Generator[int | None, None, None]


class StepEnd(NamedTuple):
    """How a step ended: done, failed or timed out."""

    state: str
    why: str = ""


# Yields the next wake-up, ms; returns how the step ended.
Ending = Generator[int | None, None, StepEnd]


class Course:
    """Takes the steps of a playbook through a door.

    Parameters
    ----------
    results : mapping of int to mapping
        The results of orders that have ended, by number; whoever reads the news adds to it.
    """

    def __init__(
        self,
        playbook: Playbook,
        door: Door,
        findings: Findings,
        results: Mapping[int, Mapping[str, Any]],
    ) -> None:
        self._playbook, self._door = playbook, door
        self._findings, self._results = findings, results
        self._questions = Questions(door, findings)
        self._log = StepLog(door, playbook.name)

    def run(self) -> Wakes:
        """Take all steps."""
        yield from self._take(self._playbook.steps, ("steps",))

    def _take(self, steps: Iterable[Step], at: Path) -> Wakes:
        for number, step in enumerate(steps):
            path = (*at, number)
            if step.if_ is not None:
                condition = self._questions.is_true(step.if_)
                if not condition.is_true:
                    self._log.skip(step, path, condition.why)
                    continue
            if step.branch is not None:
                yield from self._branch(step, step.branch, path)
                continue
            self._log.begin(step, path)
            yield from self._sleep(self._door.now + (0 if step.wait is not None else step.takes))
            end = yield from self._do(step)
            self._log.end(step, path, end.state, end.why)
            if step.verify is not None and end.state != "done":
                yield from self._take(step.otherwise, (*path, "otherwise"))

    def _branch(self, step: Step, branches: tuple[Branch, ...], at: Path) -> Wakes:
        """Take the first branch whose condition is true."""
        whys: list[str] = []
        for number, branch in enumerate(branches):
            if branch.if_ is None:
                is_true, why = True, f"otherwise: {'; '.join(whys)}"
            else:
                is_true, why = self._questions.is_true(branch.if_)
                whys.append(why)
            if is_true:
                self._log.begin(step, at, why)
                yield from self._take(branch.steps, (*at, "branch", number, "steps"))
                self._log.end(step, at)
                return
        self._log.skip(step, at, f"nothing matched: {'; '.join(whys)}")

    def _do(self, step: Step) -> Ending:
        """Do what a step says, after the time that it takes."""
        if step.look is not None:
            return self._look(step.look, step.as_)
        if step.verify is not None:
            return (yield from self._verify(step.verify))
        if step.wait is not None:
            yield from self._sleep(self._door.now + step.wait)
            return StepEnd("done")
        order = step.order
        assert order is not None, "a step has exactly one verb"
        return (yield from self._order(order))

    def _look(self, look: str | LogSearch, name: str | None) -> StepEnd:
        values: dict[str, str] = {}
        try:
            if isinstance(look, LogSearch):
                values, why = self._questions.newest_line(look.log, look.since)
            else:
                values, why = self._questions.first(look)
            end = StepEnd("done", f"-> {why}")
        except ValueError as error:  # a reference without a result, or no answer
            end = StepEnd("failed", str(error))
        if name:
            self._findings.add(name, values)
        return end

    def _verify(self, verify: Verify) -> Ending:
        """Query until it was true for as long as it must hold, or until it is too late."""
        until, since = self._door.now + verify.within, None
        while True:
            now = self._door.now
            answer = self._questions.is_true(verify.query)
            if answer.is_true:
                since = now if since is None else since
                if now - since >= verify.hold:
                    return StepEnd("done", answer.why)
            else:
                since = None
            if now >= until:
                why = f"not within {format_duration(verify.within)}: {answer.why}"
                return StepEnd("timed out", why)
            yield from self._sleep(min(now + verify.every, until))

    def _order(self, order: StepOrder) -> Ending:
        """Order, and wait for the end of the action."""
        args = with_defaults(order.kind, order.args) if order.shorthand else order.args
        try:
            number = self._door.submit(Order(order.kind, self._findings.fill(args)))
        except (UnresolvedReference, OrderRejected) as error:
            return StepEnd("failed", str(error))
        until = self._door.now + PATIENCE_MS
        while number not in self._results and self._door.now < until:
            yield until
        result = self._results.get(number)
        if result is None:
            return StepEnd("timed out", f"no end within {format_duration(PATIENCE_MS)}")
        state, note = str(result.get("state", "")), str(result.get("note", ""))
        return StepEnd("done" if state == "done" else "failed", note or state)

    def _sleep(self, until: int) -> Wakes:
        while self._door.now < until:
            yield until
