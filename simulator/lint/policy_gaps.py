"""Times at which a policy reaches nobody, and levels of teams that have nobody to page."""

from collections.abc import Iterator

from simulator.lint.local_times import format_next
from simulator.lint.oncall_year import OnCallYear
from simulator.lint.paging_reach import PagingReach
from simulator.source import Complaint


def warnings(year: OnCallYear, paging: PagingReach) -> Iterator[Complaint]:
    """The next such time of every policy, and of every level that pages teams only."""
    for name, policy in year.oncall.policies.items():
        gaps = paging.gaps(name)
        if gaps:
            start = gaps[0][0]
            used = any(
                span[0] <= start < span[1]
                for level in policy.levels
                for span in paging.used(name, level)
            )
            why = "its levels page nobody then" if used else "no level is used then"
            spans = format_next(gaps, year, policy.zone)
            yield year.complaint(("policies", name), f"reaches nobody {spans}: {why}", key=True)
    for name, number, level in year.levels:
        # A hole of a schedule is reported there.
        if any(target.schedule is not None for target in level.page):
            continue
        silent = paging.silent(name, number)
        if silent:
            spans = format_next(silent, year, year.oncall.policies[name].zone)
            teams = " and ".join(str(target.team) for target in level.page)
            text = f"pages nobody {spans}: the first level of {teams} has nobody"
            yield year.complaint(("policies", name, "levels", number), text)
