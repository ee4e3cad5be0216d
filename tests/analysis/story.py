"""A run from a few lines, with times in minutes, without a simulation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from simulator.run import Event, Log, Run
from simulator.run.events import EndEvent
from simulator.run.log import AnyEvent
from simulator.run.seal import write_sealed

MINUTE = 60_000
PAGED = ["FeatureDrift"]
BOTH = [{"id": "hours", "name": "unit_change", "at": 30 * MINUTE},
        {"id": "rush", "name": "overload", "at": 50 * MINUTE}]  # fmt: skip


class Story:
    """A drill of two hours with a fault at minute 30 and a hold of 10 minutes.

    `accuracy` is the true value by minute; by default it is good throughout.
    """

    def __init__(self, accuracy: Callable[[float], float] = lambda m: 0.9, **header: Any) -> None:
        self.header = {
            "scenario": "story", "version": 1, "title": "A story", "seed": 7,
            "starts_at": "2026-03-09T12:00:00-05:00", "duration": 120 * MINUTE,
            "warm_up": 10 * MINUTE, "tick": 5000, "scrape": 15_000, "hold": 10 * MINUTE,
            "plays": "ml-platform", "responder": "playbooks/x.yaml", "twin": "",
            "objectives": {"accuracy": {"min": 0.84, "window": 900_000, "unit": "ratio"}},
            "expect": {"cause": ["data.unit_change"]},
            "faults": [{"id": "hours", "name": "unit_change", "type": "data",
                        "target": "feed", "at": 30 * MINUTE}],
            **header,
        }  # fmt: skip
        self.accuracy = accuracy
        self.lines: list[EventLine] = []
        self.orders = 0

    def at(self, minute: float, kind: str, who: str, **data: Any) -> Story:
        """Log an event."""
        self.lines.append((round(minute * MINUTE), kind, who, data))
        return self

    def fault(self, minute: float = 30, id: str = "hours", name: str = "unit_change") -> Story:
        """The fault begins, and lands at once."""
        self.at(
            minute, "inject", "director", id=id, type="fault", name=name, target="feed", args={}
        )
        return self.at(minute + 0.1, "landed", "world", fault=id, name=name, units=3)

    def alert(self, start: float, end: float | None = None, name: str = "FeatureDrift") -> Story:
        """An alert fires, with a notification half a minute later, and is resolved."""
        entry = {"alert": name, "labels": {"alertname": name, "feature": "dep_delay"}}
        notes = {"annotations": {}, "value": 1.0}
        self.at(start, "alert", "prometheus", **entry, **notes, state="firing")
        self.at(start + 0.5, "notification", "pager", receiver="pager", status="firing", group={},
                alerts=[entry["labels"]])  # fmt: skip
        if end is not None:
            self.at(end, "alert", "prometheus", **entry, **notes, state="resolved")
        return self

    def page(self, minute: float, state: str = "delivered", page: int = 1, team: str = "ml-platform",
             alerts: list[str] = PAGED, via: str = "alert") -> Story:  # fmt: skip
        """A page to a team changes its state; whom it is delivered to sees it."""
        for step in ("delivered", "seen") if state == "delivered" else (state,):
            self.at(minute, "page", team, page=page, state=step, person="ana", via=via,
                    alerts=alerts, about="", text="", by="alertmanager")  # fmt: skip
        return self

    def look(self, minute: float, expr: str = "up", count: int = 1, value: float = 0.0,
             who: str = "ml-platform") -> Story:  # fmt: skip
        """A look at a series; a twin of a story has no series, so that its answer has moved."""
        return self.at(minute, "look", who, expr=expr, count=count, value=value)

    def order(self, minute: float, action: str, who: str = "ml-platform", **args: Any) -> Story:
        """An order whose action is done at once."""
        self.orders += 1
        self.at(minute, "order", who, id=self.orders, action=action, args=args)
        return self.at(minute, "action", who, order=self.orders, action=action, state="done",
                       note="", result=args)  # fmt: skip

    def run(
        self, twins: Mapping[str, Run] | None = None, ends: float | None = 120,
        folder: Path | None = None, series: Mapping[str, Any] | None = None,
    ) -> Run:  # fmt: skip
        """The run; `ends` None leaves out its end, as if the run was killed."""
        log = Log(folder / "log.jsonl" if folder else None)
        log.write(event(0, "header", "run", self.header))
        times = np.arange(15_000, 120 * MINUTE + 1, 15_000)
        values = np.array([self.accuracy(t / MINUTE) for t in times])
        for t, kind, who, data in sorted([*self.lines, *_changes(times, values)], key=_time):
            log.write(event(t, kind, who, data))
        if ends is not None:
            log.write(EndEvent(round(ends * MINUTE), "director", "duration"))
        truth = {"accuracy": values, "burnt:accuracy": np.cumsum(15.0 * ~(values >= 0.84))}
        if folder:
            write_sealed(log, folder, series or {}, times, truth)
        log.close()
        return Run(log.events, {}, times, truth, log.digest, twins, folder)


EventLine = tuple[int, str, str, dict[str, Any]]


def event(t: int, kind: str, who: str, data: Mapping[str, Any]) -> Event:
    """An event of a kind, by its name in the log."""
    return msgspec.convert({"t": t, "kind": kind, "who": who, **data}, type=AnyEvent)


def _time(line: EventLine) -> int:
    return line[0]


def _changes(times: Any, values: Any) -> list[EventLine]:
    """The `objective` events that a session would log."""
    held = values >= 0.84
    return [
        (int(times[i]), "objective", "world",
         {"name": "accuracy", "state": "held" if held[i] else "breached", "value": float(values[i])})
        for i in np.flatnonzero(np.diff(held, prepend=True))
    ]  # fmt: skip


def dip(start: float, end: float, low: float = 0.7) -> Callable[[float], float]:
    """An accuracy that is low from `start` until `end`."""
    return lambda minute: low if start <= minute < end else 0.9


def answered(end: float = 60, **header: Any) -> Story:
    """A fault at 30 with harm from 34 until `end`; its page is delivered at 36."""
    story = Story(dip(34, end), **header).fault().alert(35, end + 5)
    return story.page(35.5, "sent").page(36).page(38, "acknowledged")


def with_twins(story: Story, **more: Any) -> Run:
    """The story with its no-fault twin, and the twin without a responder."""
    return story.run(_twins(), **more)


@cache
def _twins() -> dict[str, Run]:
    none = Story(dip(34, 999), twin="none").fault().alert(35).page(35.5, "sent").page(36)
    return {"no-fault": Story(faults=[], twin="no-fault").run(), "none": none.run()}
