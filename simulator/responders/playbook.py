"""A person who follows a playbook, step by step, and takes a person's time for each.

It begins with a page, acknowledges further ones on the way, and waits for what it ordered
to end. After it has closed, pages that it is for (`starts_on`) begin it again; others are
only acknowledged: late labels, say, still tell of an hour that is mended.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Mapping
from typing import Any

from simulator.promql import PromQLError, Result
from simulator.scenario import Playbook, Step
from simulator.scenario.playbook import LogSearch, Verify
from simulator.session import Door, News, Order, OrderRejected

REFERENCE = re.compile(r"\$\{([\w-]+)\.(\w+)\}")
# Until somebody deep in an incident takes the next page.
GLANCE_MS = 30_000
# Longest that a person waits for an order to end before going on.
PATIENCE_MS = 45 * 60_000

Steps = Generator[int | None, None, None]


class Follower:
    """Follows one playbook.

    Parameters
    ----------
    playbook : Playbook
    """

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook
        self._found: dict[str, dict[str, str]] = {}
        self._results: dict[int, Mapping[str, Any]] = {}
        self._glances: list[int] = []
        self._course: Steps | None = None
        self._wake: int | None = None
        self._begun = False

    def respond(self, door: Door) -> int | None:
        """Take in the news, go on where the time has come, say when it comes next."""
        news = door.seen().news
        paged = any(one.kind == "page" for one in news)
        self._take_in(news)
        if self._course is None and self._begins(news):
            self._course = self._follow(door)
            self._wake = door.now
        elif paged:
            self._glances.append(door.now + GLANCE_MS)
        if self._glances and self._glances[0] <= door.now:
            self._glances = [t for t in self._glances if t > door.now]
            door.submit(Order("acknowledge"))
        course = self._course
        if course and (self._wake is None or self._wake <= door.now or self._awaited(news)):
            try:
                self._wake = next(course)
            except StopIteration:
                self._course, self._wake, self._begun = None, None, True
        times = [t for t in (self._wake, *self._glances[:1]) if t is not None]
        return min(times) if times else None

    def _begins(self, news: Iterable[News]) -> bool:
        """Whether a page opens the playbook: any does at first, its own ones again."""
        starts = self.playbook.starts_on
        for one in news:
            if one.kind != "page":
                continue
            if not self._begun or starts is None or set(starts.alerts) & set(one.data["alerts"]):
                return True
        return False

    def _take_in(self, news: Iterable[News]) -> None:
        for one in news:
            if one.kind == "result":
                self._results[one.data["order"]] = one.data

    def _awaited(self, news: Iterable[News]) -> bool:
        return any(one.kind == "result" for one in news)

    def _follow(self, door: Door) -> Steps:
        yield from self._each(self.playbook.steps, door)

    def _each(self, steps: Iterable[Step], door: Door) -> Steps:
        for step in steps:
            if step.if_ is not None and not self._true(step.if_, door):
                continue
            done = door.now + (0 if step.verb in ("branch", "wait") else step.takes)
            while door.now < done:
                yield done
            yield from self._one(step, door)

    def _one(self, step: Step, door: Door) -> Steps:
        if step.look is not None:
            self._look(step, door)
        elif step.branch is not None:
            for branch in step.branch:
                if branch.if_ is None or self._true(branch.if_, door):
                    yield from self._each(branch.steps, door)
                    break
        elif step.verify is not None:
            held: list[bool] = []
            yield from self._verify(step.verify, door, held)
            if not held:
                yield from self._each(step.otherwise, door)
        elif step.wait is not None:
            until = door.now + step.wait
            while door.now < until:
                yield until
        elif step.order is not None:
            yield from self._order(step.order.kind, step.order.args, door)

    def _order(self, kind: str, args: Mapping[str, Any], door: Door) -> Steps:
        try:
            number = door.submit(Order(kind, self._filled(args)))
        except OrderRejected:
            return  # what was looked for was not found: the step cannot be taken
        until = door.now + PATIENCE_MS
        while number not in self._results and door.now < until:
            yield until

    def _verify(self, verify: Verify, door: Door, held: list[bool]) -> Steps:
        until, since = door.now + verify.within, None
        while True:
            if self._true(verify.query, door):
                since = door.now if since is None else since
                if door.now - since >= verify.hold:
                    held.append(True)
                    return
            else:
                since = None
            if door.now >= until:
                return
            again = min(door.now + verify.every, until)
            while door.now < again:
                yield again

    def _look(self, step: Step, door: Door) -> None:
        found: dict[str, str] = {}
        if isinstance(step.look, LogSearch):
            lines = door.search(step.look.log, step.look.since)
            if lines:
                found = {"part": lines[-1].part, "text": lines[-1].text}
            found["value"] = str(len(lines))
        elif step.look is not None:
            result = self._asked(step.look, door)
            if result is not None and (len(result) or result.kind == "scalar"):
                labels, value = result.first()
                found = {**labels, "value": f"{value:.3g}"}
        if step.as_:
            self._found[step.as_] = found

    def _true(self, expr: str, door: Door) -> bool:
        result = self._asked(expr, door)
        if result is not None and result.kind == "scalar":
            return bool(result.scalar)
        return bool(result)

    def _asked(self, expr: str, door: Door) -> Result | None:
        """The answer to PromQL; None where there is none, and then the log says why.

        A reference to what was not found makes no query; and series that are there only now
        can make of a right one what no side of can be matched.
        """
        try:
            return door.query(self._text(expr))
        except PromQLError:
            return None

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return {key: self._filled(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self._filled(one) for one in value]
        return value

    def _text(self, text: str) -> str:
        return REFERENCE.sub(lambda m: self._found.get(m[1], {}).get(m[2], "?"), text)
