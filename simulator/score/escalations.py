"""The grade of an escalation: its seven parts, each with its reason."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from simulator.analysis.escalation_record import EscalationRecord, PlayersCall
from simulator.analysis.severity_segments import SeveritySegment
from simulator.score.escalation_parts import (
    EscalationParts,
    decision_part,
    f_score,
    hops_part,
    severity_credit,
)
from simulator.score.utility import TimeLimits, utility
from simulator.units.wording import format_count, format_duration, join_words


class GradedPart(NamedTuple):
    """A part of an escalation and its reason."""

    value: float
    why: str


class GradedEscalation(NamedTuple):
    """An escalation's parts, each with its reason, by name."""

    graded: dict[str, GradedPart]

    @property
    def parts(self) -> EscalationParts:
        """The parts alone."""
        return EscalationParts(**{name: part.value for name, part in self.graded.items()})

    @property
    def why(self) -> str:
        """The reasons of all parts."""
        graded = self.graded.items()
        return "; ".join(f"{name} {part.value:.2f}: {part.why}" for name, part in graded)


def grade_escalation(
    record: EscalationRecord, segments: Sequence[SeveritySegment], limits: TimeLimits
) -> GradedEscalation:
    """Grade an escalation.

    Parameters
    ----------
    segments : sequence of SeveritySegment
        The declared and the right severity.
    limits : TimeLimits
        From the need of a team until its page.
    """
    needed, called = record.needed_teams, record.called_teams
    done = bool(called) if needed else bool(record.needless)
    graded = {
        "decision": GradedPart(decision_part(bool(needed), done), _decision_reason(record, done)),
        "target": _target(record),
        **_call_parts(record, limits),
        "severity": _severity(segments),
    }
    return GradedEscalation({name: graded[name] for name in EscalationParts._fields})


def _decision_reason(record: EscalationRecord, done: bool) -> str:
    if not record.needed_teams:
        return "nobody was needed, and somebody was called" if done else "nobody was needed"
    needed = join_words(sorted(record.needed_teams))
    return f"{needed} was needed{'' if done else ', and nobody called'}"


def _target(record: EscalationRecord) -> GradedPart:
    needless = {call.team for call in record.needless}
    if not record.needed_teams and not needless:
        return GradedPart(1.0, "nobody was called")
    right = record.needed_teams or record.owners
    true = record.called_teams if record.needed_teams else needless & right
    false, missing = needless - right, right - true
    value = f_score(len(true), len(false), len(missing), beta=2)
    teams = {"right": true, "too many": false, "missing": missing}
    named = [f"{join_words(sorted(names))} {kind}" for kind, names in teams.items() if names]
    return GradedPart(value, ", ".join(named))


def _call_parts(record: EscalationRecord, limits: TimeLimits) -> dict[str, GradedPart]:
    """The parts that follow from the calls: timeliness, handoff, hops, acceptance."""
    names = ("timeliness", "handoff", "hops", "acceptance")
    if record.needed_teams:
        calls = [call for call in record.owed if call.reached]
        if not calls:
            return dict.fromkeys(names, GradedPart(0.0, "nobody who was needed was reached"))
        on_time = [utility(call.delay, limits) for call in calls]
        delays = [format_duration(call.delay or 0) for call in calls]
        timeliness = GradedPart(_mean(on_time), f"{join_words(delays)} after the need")
        combine: Callable[[Iterable[float]], float] = _mean
    elif record.needless:
        # The worst of them: another needless call may not improve the grade.
        calls, combine = list(record.needless), min
        timeliness = GradedPart(1.0, "nobody was needed")
    else:
        return dict.fromkeys(names, GradedPart(1.0, "nobody was called"))
    extra = sum(call.extra_hops for call in calls)
    waiting = [call.team for call in calls if not call.taken]
    accepted = f"{join_words(waiting)} did not take it" if waiting else "taken over"
    return {
        "timeliness": timeliness,
        "handoff": GradedPart(combine(map(_facts_part, calls)), _facts_reason(calls)),
        "hops": GradedPart(
            combine(hops_part(call.extra_hops) for call in calls),
            f"{format_count(extra, 'hops')} too many" if extra else "the shortest way",
        ),
        "acceptance": GradedPart(combine(float(call.taken) for call in calls), accepted),
    }


def _facts_part(call: PlayersCall) -> float:
    return 0.0 if call.facts is None else f_score(*call.facts.counts)


def _facts_reason(calls: Iterable[PlayersCall]) -> str:
    """The counts of the hand-offs, with the fields that are false or missing."""
    reasons = []
    for call in calls:
        if call.facts is None:
            continue
        true, false, missing = call.facts.counts
        reason = f"{true} of {true + missing} facts to {call.team}"
        if false:
            reason += f", {join_words(call.facts.fields('false'))} false"
        if missing:
            reason += f", {join_words(call.facts.fields('missing'))} missing"
        reasons.append(reason)
    return " and ".join(reasons) or "no page stated facts"


def _severity(segments: Sequence[SeveritySegment]) -> GradedPart:
    total = sum(segment.length for segment in segments)
    if not total:
        return GradedPart(1.0, "there was no time in which a severity was right")
    credit = sum(s.length * severity_credit(s.declared, s.right) for s in segments)
    low = sum(s.length for s in segments if s.declared > s.right)
    high = sum(s.length for s in segments if s.declared < s.right)
    reasons = [f"too low for {format_duration(low)}"] if low else []
    reasons += [f"too high for {format_duration(high)}"] if high else []
    why = " and ".join(reasons) or "right throughout"
    return GradedPart(credit / total, f"{why} of {format_duration(total)}" if reasons else why)


def _mean(values: Iterable[float]) -> float:
    listed = [*values]
    return sum(listed) / len(listed)
