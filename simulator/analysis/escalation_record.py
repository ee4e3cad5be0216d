"""How a run escalated: the teams that its players had to call, and those that they called.

Whoever was reached without them, by an alert or by the time-box of their own policy, they had not
to call: such a page is nobody's escalation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.analysis.call_needs import CALLS
from simulator.analysis.hand_off_facts import HandOffFacts, hand_off_facts
from simulator.analysis.incident_span import first_seen
from simulator.analysis.need_record import NeedRecord, line_numbers
from simulator.analysis.team_calls import TeamCalls
from simulator.analysis.timeline import Timeline


@dataclass(frozen=True)
class PlayersCall:
    """A call of the players, or one that they owed.

    Attributes
    ----------
    team : str
    called, reached, taken : bool
        Whether they called it, whether somebody of it saw the page, and whether they took it.
    delay : int or None
        From the need, or from the first page that the players saw, until their page, ms.
    facts : HandOffFacts or None
        Of their page.
    extra_hops : int
        The hops beyond the fewest possible.
    lines : tuple of int
        The lines of log.jsonl that show it.
    """

    team: str
    called: bool = False
    reached: bool = False
    taken: bool = False
    delay: int | None = None
    facts: HandOffFacts | None = None
    extra_hops: int = 0
    lines: tuple[int, ...] = ()


@dataclass(frozen=True)
class EscalationRecord:
    """The calls that were owed, and the needless ones.

    Attributes
    ----------
    owed : tuple of PlayersCall
        One for each need of a team.
    needless : tuple of PlayersCall
        To teams that nobody needed.
    owners : frozenset of str
        The other teams that own what was at fault: where nobody is needed, the least wrong ones.
    """

    owed: tuple[PlayersCall, ...]
    needless: tuple[PlayersCall, ...]
    owners: frozenset[str]

    @property
    def needed_teams(self) -> frozenset[str]:
        """The teams that the players had to call."""
        return frozenset(call.team for call in self.owed)

    @property
    def called_teams(self) -> frozenset[str]:
        """Those of them that they called."""
        return frozenset(call.team for call in self.owed if call.called)


def escalation_record(timeline: Timeline) -> EscalationRecord:
    """The escalation of a run, from its log alone."""
    calls = TeamCalls(timeline)
    records = [record for record in timeline.need_records if record.need.reason in CALLS]
    owed = [record for record in records if record.met is None or record.by_players]
    return EscalationRecord(
        tuple(_owed_call(timeline, calls, record) for record in owed),
        tuple(_needless_call(timeline, calls, team) for team in timeline.needless_calls),
        frozenset(_owners(timeline)),
    )


def _owed_call(timeline: Timeline, calls: TeamCalls, record: NeedRecord) -> PlayersCall:
    onset = timeline.onset_of(record.need.fault)
    start = max(record.t, first_seen(timeline, onset) or 0)
    if record.called is None or not record.by_players:
        return PlayersCall(record.team, lines=record.lines)
    contact = calls.contact(record.team, min(record.called, record.t))
    event = contact.reached or contact.called
    assert event is not None
    page = calls.chain(event).first_page
    extra = 0 if record.hops is None else max(0, record.hops - (record.need.hops or record.hops))
    # A specialist who hands on takes time; on the shortest way that is not the players' delay.
    called = page.t if extra == 0 else record.called
    return PlayersCall(
        record.team,
        called=True,
        reached=record.met is not None,
        taken=record.taken is not None,
        delay=max(0, called - start),
        facts=hand_off_facts(timeline, page),
        extra_hops=extra,
        lines=record.lines,
    )


def _needless_call(timeline: Timeline, calls: TeamCalls, team: str) -> PlayersCall:
    contact = calls.contact(team, timeline.needless_calls[team])
    hops = calls.hops(team, contact, set())
    fewest = timeline.header.hops.get(team, hops or 0)
    event = contact.reached or contact.called
    facts = None if event is None else hand_off_facts(timeline, calls.chain(event).first_page)
    return PlayersCall(
        team,
        called=True,
        reached=contact.reached is not None,
        taken=contact.taken is not None,
        delay=0,
        facts=facts,
        extra_hops=max(0, (hops or 0) - fewest),
        lines=line_numbers(timeline.run, contact),
    )


def _owners(timeline: Timeline) -> Sequence[str]:
    header = timeline.header
    begun = [fault for fault in header.faults if timeline.onset_of(fault.id) is not None]
    owners = [fault.owner or header.owners.get(fault.component, "") for fault in begun]
    return [owner for owner in owners if owner not in ("", header.plays)]
