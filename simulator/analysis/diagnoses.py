"""Claims of a cause, each compared with the true one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from simulator.analysis.claims import claimed_cause, leaf
from simulator.analysis.order_records import OrderRecord
from simulator.analysis.run_record import RunRecord
from simulator.run.events import InjectEvent

# The similarity of a claim that names the type or the component of the cause, or both.
NEAR, FAR = 2 / 3, 1 / 3


@dataclass(frozen=True)
class Cause:
    """A cause: the name of its fault, the type of its incident, its component."""

    fault: str
    type: str = ""
    component: str = ""


@dataclass(frozen=True)
class Claim:
    """A claim of a cause; `t` in ms, `lines` of log.jsonl."""

    t: int
    cause: Cause
    lines: tuple[int, ...] = ()


def similarity(claim: Cause, cause: Cause) -> float:
    """How near a claim comes to the true cause, 0 to 1.

    Examples
    --------
    >>> cause = Cause("unit_change", "data", "feed")
    >>> [round(similarity(claim, cause), 3) for claim in (
    ...     Cause("unit_change"), Cause("nulls", "data", "feed"), Cause("nulls", "data"),
    ...     Cause("outage", "latency", "feed"), Cause("outage", "latency"))]
    [1, 0.667, 0.333, 0.333, 0]
    """
    if claim.fault == cause.fault:
        return 1
    same_type = bool(cause.type) and claim.type == cause.type
    same_component = bool(cause.component) and claim.component == cause.component
    if same_type and same_component:
        return NEAR
    return FAR if same_type or same_component else 0


def nearest(claim: Cause, causes: Iterable[Cause]) -> float:
    """The similarity to the nearest of several causes; 0 without any."""
    return max((similarity(claim, cause) for cause in causes), default=0)


def true_causes(record: RunRecord, inject: InjectEvent, others: Iterable[str]) -> list[Cause]:
    """The causes of an incident: its fault, and those by the author that are no other fault's."""
    planned = {fault.id: fault for fault in record.header.faults}
    fault = planned.get(inject.id)
    component = inject.target if fault is None else fault.component or fault.target
    causes = [Cause(inject.name, "" if fault is None else fault.type, component)]
    if fault is not None or inject.type == "change":
        names = record.header.expect.cause
        causes += [
            Cause(leaf(name), name.rpartition(".")[0], component)
            for name in names
            if leaf(name) not in {*others}
        ]
    return causes


def claims(record: RunRecord) -> list[Claim]:
    """The claims of the graded players, in order; a repeated one is there again."""
    return [Claim(t, _cause(order), order.lines) for t, order in record.done_times("diagnose")]


def _cause(order: OrderRecord) -> Cause:
    name = claimed_cause(order)
    component = order.result.get("component") or order.args.get("component") or ""
    return Cause(leaf(name), name.rpartition(".")[0], str(component))


@dataclass(frozen=True)
class Diagnosis:
    """The standing claim about an incident.

    Attributes
    ----------
    claim : Claim
        The first of its repeats that counts.
    similarity : float
    wrong_before : int
        The claims before it that had nothing of the cause.
    """

    claim: Claim
    similarity: float
    wrong_before: int


def diagnosis(
    all_claims: Sequence[Claim],
    causes: Sequence[Cause],
    others: Iterable[str] = (),
    has_evidence: Callable[[int], bool] = lambda t: True,
) -> Diagnosis | None:
    """The standing claim about an incident; None if none counts.

    A claim that is right about another incident neither counts nor withdraws. A later contrary
    claim withdraws an earlier one. A claim made before its player knew anything does not count, but
    it can be repeated.

    Parameters
    ----------
    all_claims : sequence of Claim
        Since the incident's onset.
    causes : sequence of Cause
        The fault, and what the author calls its cause.
    others : iterable of str
        The names of the other faults.
    has_evidence : callable
        Whether the players had seen evidence of a fault by a time, ms.
    """
    elsewhere = {*others} - {cause.fault for cause in causes}
    about = [claim for claim in all_claims if claim.cause.fault not in elsewhere]
    if not about:
        return None
    last = about[-1].cause
    standing = [*takewhile(lambda claim: claim.cause == last, reversed(about))][::-1]
    counted = next((claim for claim in standing if has_evidence(claim.t)), None)
    if counted is None:
        return None
    before = {c.cause for c in about[: len(about) - len(standing)]}
    wrong = sum(nearest(earlier, causes) == 0 for earlier in before)
    return Diagnosis(counted, nearest(last, causes), wrong)
