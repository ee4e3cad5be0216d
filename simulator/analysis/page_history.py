"""The pages to the played team, and the notifications behind them."""

from simulator.analysis.attribution import Attribution, alert_identity
from simulator.analysis.onsets import Onset
from simulator.run import Run
from simulator.run.events import NotificationEvent, PageEvent


def pages(run: Run) -> dict[int, list[PageEvent]]:
    """The pages to the played team by their ids: the events of each, in order."""
    by_id: dict[int, list[PageEvent]] = {}
    for event in run.of(PageEvent):
        if event.who == run.header.plays:
            by_id.setdefault(event.page, []).append(event)
    return by_id


def first_in_state(events: list[PageEvent], *states: str) -> int | None:
    """When a page first came into one of these states, ms."""
    return next((event.t for event in events if event.state in states), None)


def names_alert_of(
    event: NotificationEvent | PageEvent, attribution: Attribution, fault: Onset
) -> bool:
    """Whether a notification or a page names an alert that the fault caused."""
    alerts = event.alerts
    return any(attribution.caused_by(alert_identity(alert), event.t, fault) for alert in alerts)


def first_notification(run: Run, attribution: Attribution, fault: Onset) -> int | None:
    """When the first notification of an alert that the fault caused was delivered, ms."""
    for event in run.of(NotificationEvent):
        if event.status == "firing" and names_alert_of(event, attribution, fault):
            return event.t
    return None


def first_delivery(run: Run, attribution: Attribution, fault: Onset) -> int | None:
    """When a page for an alert that the fault caused first reached a person, ms."""
    return earliest(
        *(
            first_in_state(events, "delivered", "acknowledged")
            for events in pages(run).values()
            if events[0].via == "alert" and names_alert_of(events[0], attribution, fault)
        )
    )


def pages_about(run: Run, attribution: Attribution, fault: Onset) -> list[list[PageEvent]]:
    """The pages to the played team that the fault may have caused.

    Without twins, a page may be about any fault; so may a page that a person sent.
    """
    return [
        events
        for events in pages(run).values()
        if events[0].t >= fault.t
        and (
            not attribution.has_twins
            or events[0].via == "person"
            or names_alert_of(events[0], attribution, fault)
        )
    ]


def first_acknowledgement(run: Run, attribution: Attribution, fault: Onset) -> int | None:
    """When the played team first acknowledged a page about the fault, ms."""
    about = pages_about(run, attribution, fault)
    return earliest(*(first_in_state(events, "acknowledged") for events in about))


def first_unacknowledged(run: Run, end: int, grace: int) -> PageEvent | None:
    """The first page that was tried to deliver to the played team and was never acknowledged.

    A page of the last `grace` ms before the end does not count: there was no time to answer it.
    """
    for events in pages(run).values():
        tried = first_in_state(events, "delivered", "unreached", "escalated")
        if tried is None or first_in_state(events, "acknowledged") is not None:
            continue
        # A page whose alerts were resolved before it reached anybody needs no acknowledgement.
        if first_in_state(events, "delivered") is None and _resolved(run, events[0]):
            continue
        if end - tried >= grace:
            return events[0]
    return None


def _resolved(run: Run, page: PageEvent) -> bool:
    """Whether notifications after a page reported all of its alerts as resolved."""
    alerts = set(page.alerts)
    for event in run.of(NotificationEvent):
        if event.status == "resolved" and event.t > page.t:
            alerts -= {alert.get("alertname") for alert in event.alerts}
    return bool(page.alerts) and not alerts


def earliest(*times: int | None) -> int | None:
    """The earliest of the times that are not None.

    Examples
    --------
    >>> earliest(None, 5, 3), earliest(None)
    (3, None)
    """
    return min((t for t in times if t is not None), default=None)
