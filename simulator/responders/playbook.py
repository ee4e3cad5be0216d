"""A person who follows a playbook step by step, and needs a person's time for each step.

The playbook starts with a page; further pages are acknowledged on the way, and each order is
awaited. Once closed, the playbook starts again with the pages of its `starts_on`; other pages
are only acknowledged, such as those of late labels about an hour that is already repaired.
"""

import re
from collections.abc import Generator, Iterable, Mapping
from typing import Any

from simulator.actions import with_defaults
from simulator.promql import PromQLError, Result
from simulator.scenario import Playbook, Step
from simulator.scenario.playbook import LogSearch, Verify
from simulator.session import Door, News, Order, OrderRejected

REFERENCE = re.compile(r"\$\{([\w-]+)\.(\w+)\}")
# The time until a person in the middle of an incident acknowledges the next page.
ACKNOWLEDGE_MS = 30_000
# The longest wait for the end of an order.
PATIENCE_MS = 45 * 60_000

# Yields the next wake-up, ms.
Course = Generator[int | None, None, None]


class Follower:
    """Follows one playbook."""

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook
        self._results_by_name: dict[str, dict[str, str]] = {}
        self._finished: set[int] = set()  # orders
        self._acknowledge_at: list[int] = []
        self._course: Course | None = None
        self._wake: int | None = None
        self._has_run = False

    def respond(self, door: Door) -> int | None:
        """Read the news, take the steps that are due, return the next wake-up."""
        news = door.seen().news
        results = [item for item in news if item.kind == "result"]
        self._finished |= {item.data["order"] for item in results}
        if self._course is None and self._starts(news):
            self._course = self._take(self.playbook.steps, door)
            self._wake = door.now
        elif any(item.kind == "page" for item in news):
            self._acknowledge_at.append(door.now + ACKNOWLEDGE_MS)
        if self._acknowledge_at and self._acknowledge_at[0] <= door.now:
            self._acknowledge_at = [t for t in self._acknowledge_at if t > door.now]
            door.submit(Order("acknowledge"))
        if self._course and (self._wake is None or self._wake <= door.now or results):
            try:
                self._wake = next(self._course)
            except StopIteration:
                self._course, self._wake, self._has_run = None, None, True
        times = [t for t in (self._wake, *self._acknowledge_at[:1]) if t is not None]
        return min(times) if times else None

    def _starts(self, news: Iterable[News]) -> bool:
        """Whether a page starts the playbook: any page the first time, later its own."""
        starts_on = self.playbook.starts_on
        return any(
            not self._has_run
            or starts_on is None
            or bool(set(starts_on.alerts) & set(item.data["alerts"]))
            for item in news
            if item.kind == "page"
        )

    def _take(self, steps: Iterable[Step], door: Door) -> Course:
        for step in steps:
            if step.if_ is not None and not self._is_true(step.if_, door):
                continue
            takes = 0 if step.verb in ("branch", "wait") else step.takes
            yield from _sleep(door.now + takes, door)
            yield from self._take_one(step, door)

    def _take_one(self, step: Step, door: Door) -> Course:
        if step.look is not None:
            self._look(step, door)
        elif step.branch is not None:
            for branch in step.branch:
                if branch.if_ is None or self._is_true(branch.if_, door):
                    yield from self._take(branch.steps, door)
                    break
        elif step.verify is not None:
            held = yield from self._verify(step.verify, door)
            if not held:
                yield from self._take(step.otherwise, door)
        elif step.wait is not None:
            yield from _sleep(door.now + step.wait, door)
        elif (order := step.order) is not None:
            args = with_defaults(order.kind, order.args) if order.shorthand else order.args
            yield from self._order(order.kind, args, door)

    def _order(self, kind: str, args: Mapping[str, Any], door: Door) -> Course:
        try:
            number = door.submit(Order(kind, self._fill(args)))
        except OrderRejected:
            return  # the `look` that it refers to had no result
        until = door.now + PATIENCE_MS
        while number not in self._finished and door.now < until:
            yield until

    def _verify(self, verify: Verify, door: Door) -> Generator[int | None, None, bool]:
        """Query until it was true for as long as it must hold; whether it was in time."""
        until, since = door.now + verify.within, None
        while True:
            if self._is_true(verify.query, door):
                since = door.now if since is None else since
                if door.now - since >= verify.hold:
                    return True
            else:
                since = None
            if door.now >= until:
                return False
            yield from _sleep(min(door.now + verify.every, until), door)

    def _look(self, step: Step, door: Door) -> None:
        values: dict[str, str] = {}
        if isinstance(step.look, LogSearch):
            lines = door.search(step.look.log, step.look.since)
            if lines:
                values = {"part": lines[-1].part, "text": lines[-1].text}
            values["value"] = str(len(lines))
        elif step.look is not None:
            result = self._query(step.look, door)
            if result is not None and (len(result) or result.kind == "scalar"):
                labels, value = result.first()
                values = {**labels, "value": f"{value:.3g}"}
        if step.as_:
            self._results_by_name[step.as_] = values

    def _is_true(self, expr: str, door: Door) -> bool:
        result = self._query(expr, door)
        if result is not None and result.kind == "scalar":
            return bool(result.scalar)
        return bool(result)

    def _query(self, expr: str, door: Door) -> Result | None:
        """The answer to PromQL; None if there is none, with the reason in the log.

        A reference without a result makes an invalid query, and series that exist only now can
        make a valid query fail to match.
        """
        try:
            return door.query(self._fill_text(expr))
        except PromQLError:
            return None

    def _fill(self, value: Any) -> Any:
        """A value with its references replaced by results of `look`."""
        if isinstance(value, str):
            return self._fill_text(value)
        if isinstance(value, Mapping):
            return {key: self._fill(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._fill(item) for item in value]
        return value

    def _fill_text(self, text: str) -> str:
        return REFERENCE.sub(lambda m: self._results_by_name.get(m[1], {}).get(m[2], "?"), text)


def _sleep(until: int, door: Door) -> Course:
    while door.now < until:
        yield until
