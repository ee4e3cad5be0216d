"""The search of a specialist: one look after the other, until something is at fault.

Each look takes its time. What a specialist is told changes the order of the search and saves
looks, and nothing else: that is the worth of a hand-off.
"""

from collections.abc import Generator
from functools import partial

from simulator.calendar import Calendar, Process
from simulator.oncall.organisation import Organisation
from simulator.oncall.paging.dice import Dice, draw_ms
from simulator.oncall.paging.sent_page import PagedPerson, SentPage
from simulator.oncall.people import SLEEP_INERTIA
from simulator.oncall.work.briefing import Briefing
from simulator.oncall.work.handing_on import page_args, reason_not_to_page, return_args
from simulator.oncall.work.specialist import Finding, SpecialistDoor
from simulator.units.wording import format_count

QUESTION = "what is affected, since when, and what did you see?"


class Search:
    """The work of one person on a page, and on those that join it.

    It stops at the first fault, unless a page that joined meanwhile suspects something else. Who
    still sees trouble pages again, which starts another search.

    Parameters
    ----------
    page : SentPage
        The page that they took.
    woken : bool
        Whether it woke them: their first look takes longer.
    callers : tuple of str
        Who hears what they find; nobody if an alert paged them.

    Attributes
    ----------
    is_open : bool
        Whether they are still at work.
    handed_on : list of str
        The teams to which they handed it on.
    """

    def __init__(
        self,
        page: SentPage,
        recipient: PagedPerson,
        woken: bool,
        callers: tuple[str, ...],
        organisation: Organisation,
        calendar: Calendar,
        dice: Dice,
        door: SpecialistDoor,
    ) -> None:
        self.page, self.recipient, self.callers = page, recipient, callers
        self.is_open, self.handed_on = True, list[str]()
        self._woken, self._organisation = woken, organisation
        self._calendar, self._dice, self._door = calendar, dice, door
        self._team = organisation.model.teams[recipient.team]
        self._candidates = organisation.visible(recipient.team, recipient.person)
        self._briefing = Briefing()
        # The components that they looked at, with what they saw last.
        self._findings: dict[str, Finding] = {}
        self._looks = 0
        # What they mend or hand on now, and whether the search continues after it.
        self._at_fault, self._continues = "", False

    def start(self) -> None:
        """Begin to search; who was told nothing asks, and begins anyway."""
        self._brief(self.page)
        if not (self.page.about or self.page.facts):
            self._tell(QUESTION)
        self._calendar.start(self._run())

    def join(self, page: SentPage, callers: tuple[str, ...]) -> None:
        """Take the facts of another page; a suspect that it names is looked at again."""
        self.callers = tuple(dict.fromkeys((*self.callers, *callers)))
        for suspect in self._brief(page):
            if suspect != self._at_fault:
                self._findings.pop(suspect, None)
                self._continues = True

    def _brief(self, page: SentPage) -> tuple[str, ...]:
        order_targets = partial(self._door.order_targets, page.by)
        return self._briefing.add(page, self._candidates, order_targets)

    def _run(self) -> Process:
        while target := self._next():
            finding = yield from self._look(target)
            if finding is Finding.NOT_VISIBLE:
                self._hand_on(target)
            if finding is Finding.AT_FAULT and not self._briefing.supports(target):
                finding = yield from self._look(target)
            if finding is Finding.AT_FAULT:
                self._at_fault, self._continues = target, False
                yield from self._act_on(target)
                return
        if not self._findings:
            yield self._look_ms()  # to see that nothing is theirs to look into
        healthy = [name for name, seen in self._findings.items() if seen is Finding.HEALTHY]
        looked = f"looked at {', '.join(healthy)}: " if healthy else ""
        nothing = "nothing else" if Finding.AT_FAULT in self._findings.values() else "nothing"
        self._tell(f"{looked}{nothing} wrong that is ours")
        if self.page.via == "alert" and self.page.team != self.recipient.team:
            # A level of the team's policy reached them; nobody has called them who could hear it.
            args = return_args(self.page, self._findings)
            self._door.order("page", args, lambda state, note: None)
        self.is_open = False

    def _next(self) -> str | None:
        order = self._briefing.search_order(self._candidates, self._door.has_traces)
        return next((name for name in order if name not in self._findings), None)

    def _look(self, target: str) -> Generator[int, None, Finding]:
        yield self._look_ms()
        self._findings[target] = self._door.look(target)
        return self._findings[target]

    def _look_ms(self) -> int:
        """The time of the next look, ms."""
        self._looks += 1
        generator = self._dice.generator(self.page, self.recipient, "look", self._looks)
        inertia = SLEEP_INERTIA if self._woken and self._looks == 1 else 1.0
        return round(inertia * draw_ms(generator, self._team.look))

    def _act_on(self, target: str) -> Process:
        """Mend what the team owns; hand on what a skill has shown to be another's."""
        if target not in self._team.owns:
            self._hand_on(target)
            return
        generator = self._dice.generator(self.page, self.recipient, "work", target)
        yield draw_ms(generator, self._team.work)
        report = partial(self._report_mend, target)
        self._door.order("fix_upstream", {"target": target}, report)

    def _report_mend(self, target: str, state: str, note: str) -> None:
        mended = f"mended after {format_count(self._looks, 'looks')}"
        self._tell(f"{target}: {mended if state == 'done' else f'at fault, not mended: {note}'}")
        self._stop()

    def _hand_on(self, target: str) -> None:
        """Page the owner of a component that is another's, or tell the caller whom to ask."""
        team, owner = self.recipient.team, self._organisation.owner(target)
        at_fault = self._findings[target] is Finding.AT_FAULT
        start = f"{target} is at fault" if at_fault else f"{target} is not ours to look into"
        callers = {self._door.team_of(caller) for caller in self.callers}
        if why := reason_not_to_page(self._organisation, team, owner, callers):
            self._tell(f"{start}: {why}")
            if at_fault:
                self._stop()
            return
        self.handed_on.append(owner)
        args = page_args(owner, target, self._briefing, self._findings, self._door.now)
        report = partial(self._report_page, start, owner, at_fault)
        self._door.order("page", args, report)

    def _report_page(self, start: str, owner: str, at_fault: bool, state: str, note: str) -> None:
        self._tell(f"{start}: {f'we paged {owner}' if state == 'done' else note}")
        if at_fault:
            self._stop()

    def _stop(self) -> None:
        """End the work on a fault; another suspect of a page that joined continues the search."""
        self._at_fault = ""
        if self._continues:
            self._calendar.start(self._run())
        else:
            self.is_open = False

    def _tell(self, text: str) -> None:
        for caller in self.callers:
            if caller != self.recipient.person:
                self._door.tell(caller, text)
