"""Times of injects that are impossible in a drill, known from the scenario alone."""

from collections.abc import Iterator, Sequence

from simulator.scenario.injects import Inject, InjectCondition, When
from simulator.source import Issue
from simulator.units import format_ms


def timing_issues(injects: Sequence[Inject], warm_up: int, end: int) -> Iterator[Issue]:
    """Injects after the end of a drill, and conditions that can never hold.

    Parameters
    ----------
    warm_up : int, ms
        Its end; injects that wait for a condition start no earlier.
    end : int, ms
        The end of the drill.

    Examples
    --------
    >>> message = {"from": "support", "to": "primary", "text": "It is slow."}
    >>> inject = {"when": {"objective": "accuracy", "breached": "2h"}, "message": message}
    >>> [issue.text for issue in timing_issues([Inject.model_validate(inject)], 0, 3_600_000)]
    ["given '2h', but the drill ends at 1h: it never holds"]
    """
    for number, inject in enumerate(injects):
        has_fault = any(other.fault and other is not inject for other in injects)
        for issue in _inject_issues(inject, warm_up, end, has_fault):
            yield Issue((number, *issue.path), issue.text)


def _inject_issues(inject: Inject, warm_up: int, end: int, has_fault: bool) -> Iterator[Issue]:
    times = {
        ("at",): inject.at,
        ("when", "by"): inject.when.by if inject.when is not None else None,
        ("unless", "by"): inject.unless.by if inject.unless is not None else None,
    }
    last = f"the drill ends at {format_ms(end)}"
    late = {path: t for path, t in times.items() if t is not None and t >= end}
    yield from (Issue(path, f"given {format_ms(t)!r}, but {last}") for path, t in late.items())
    if late:
        return
    if inject.when is not None:
        by = inject.when.by
        limit = end if by is None else by
        yield from _order_issues(inject, warm_up)
        bound = last if by is None else f"its latest time is {format_ms(by)}"
        yield from _never_holds(inject.when, ("when",), limit, bound, has_fault)
        if inject.unless is not None:
            yield from _never_holds(inject.unless, ("unless",), limit, bound, has_fault)
    elif inject.unless is not None:
        bound = f"the inject's time is {format_ms(inject.earliest)}"
        yield from _never_holds(inject.unless, ("unless",), inject.earliest, bound, has_fault)


def _order_issues(inject: Inject, warm_up: int) -> Iterator[Issue]:
    """A latest time before the earliest."""
    assert inject.when is not None
    by, at = inject.when.by, inject.at or 0
    if by is None or by >= max(at, warm_up):
        return
    first = f"its earliest time is {format_ms(at)}"
    if at <= warm_up:
        first = f"the warm-up ends at {format_ms(warm_up)}"
    yield Issue(("when", "by"), f"given {format_ms(by)!r}, but {first}")


def _never_holds(
    condition: InjectCondition, at: tuple[str, ...], latest: int, bound: str, has_fault: bool
) -> Iterator[Issue]:
    """A condition that cannot hold until a time, ms."""
    if condition.mitigated and not has_fault:
        yield Issue((*at, "mitigated"), "there is no other fault to mitigate: it never holds")
    after = condition.after if isinstance(condition, When) else None
    spans = {"breached": condition.breached, "held": condition.held, "after": after}
    for key, span in spans.items():
        if span is not None and span >= latest:
            text = f"given {format_ms(span)!r}, but {bound}: it never holds"
            yield Issue((*at, key), text)
