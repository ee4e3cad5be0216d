"""What became of the pages to the played team."""

from __future__ import annotations

from typing import Any

from simulator.run import Event, Run
from simulator.score.attribution import Attribution, identity
from simulator.score.onsets import Onset


def pages(run: Run) -> dict[Any, list[Event]]:
    """The pages to the played team by their ids: what became of each, in order."""
    found: dict[Any, list[Event]] = {}
    for event in run.of("page"):
        if event.who == run.header.get("plays"):
            found.setdefault(event.data.get("page"), []).append(event)
    return found


def state_of(events: list[Event], *states: str) -> int | None:
    """When a page first came into one of these states, ms."""
    return next((event.t for event in events if event.data.get("state") in states), None)


def any_by_fault(event: Event, causes: Attribution, fault: Onset) -> bool:
    """Whether a notification or a page names an alert that the fault caused."""
    alerts = event.data.get("alerts") or []
    return any(causes.by_fault(identity(alert), event.t, fault) for alert in alerts)


def notified(run: Run, causes: Attribution, fault: Onset) -> int | None:
    """When the first notification of an alert that the fault caused was delivered, ms."""
    for event in run.of("notification"):
        if event.data.get("status") == "firing" and any_by_fault(event, causes, fault):
            return event.t
    return None


def delivered(run: Run, causes: Attribution, fault: Onset) -> int | None:
    """When a page for an alert that the fault caused first reached a person, ms."""
    return earliest(
        *(
            state_of(events, "delivered", "acknowledged")
            for events in pages(run).values()
            if events[0].data.get("via", "alert") == "alert"
            and any_by_fault(events[0], causes, fault)
        )
    )


def about_it(run: Run, causes: Attribution, fault: Onset) -> list[list[Event]]:
    """The pages to the played team that this fault can have caused.

    Without twins, and of pages that a person sent, nobody can say that it did not.
    """
    return [
        events
        for events in pages(run).values()
        if events[0].t >= fault.t
        and (
            not causes.known
            or events[0].data.get("via") == "person"
            or any_by_fault(events[0], causes, fault)
        )
    ]


def acknowledged(run: Run, causes: Attribution, fault: Onset) -> int | None:
    """When the played team first acknowledged a page about the fault, ms."""
    found = [state_of(events, "acknowledged") for events in about_it(run, causes, fault)]
    return earliest(*found)


def unanswered(run: Run, end: int, grace: int) -> Event | None:
    """The first page that reached out to the played team and was never acknowledged.

    A page of the last `grace` ms before the end had no time to be answered.
    """
    for events in pages(run).values():
        reached = state_of(events, "delivered", "unreached", "escalated")
        if reached is None or state_of(events, "acknowledged") is not None:
            continue
        # Nobody can take a page whose alert was over before it reached anybody.
        if state_of(events, "delivered") is None and _over(run, events[0]):
            continue
        if end - reached >= grace:
            return events[0]
    return None


def _over(run: Run, page: Event) -> bool:
    """Whether the alerts of a page were said to be resolved after it was sent."""
    alerts = set(page.data.get("alerts") or ())
    for event in run.of("notification"):
        if event.data.get("status") == "resolved" and event.t > page.t:
            names = {alert.get("alertname") for alert in event.data.get("alerts") or ()}
            alerts -= names
    return bool(page.data.get("alerts")) and not alerts


def earliest(*times: int | None) -> int | None:
    """The first of the times that there are.

    Examples
    --------
    >>> earliest(None, 5, 3), earliest(None)
    (3, None)
    """
    return min((t for t in times if t is not None), default=None)
