"""All warnings about an on-call file."""

from collections.abc import Collection
from datetime import time

from simulator.lint import (
    clock_changes,
    clock_zones,
    empty_lists,
    misspelt_names,
    override_overlaps,
    policy_gaps,
    routing_tree,
    schedule_holes,
    severity_order,
    sleepers,
    uncalled_teams,
    unreachable_people,
    unused_entries,
)
from simulator.lint.oncall_year import OnCallYear
from simulator.lint.paging_reach import PagingReach
from simulator.source import Complaint


def warnings(year: OnCallYear, *, asks_for_moment: bool = False) -> list[Complaint]:
    """The warnings about an on-call file by itself.

    Parameters
    ----------
    asks_for_moment : bool
        Whether the user named the moment: with a time of day, who sleeps then is of interest.
    """
    paging = PagingReach(year)
    return [
        *schedule_holes.warnings(year, paging),
        *policy_gaps.warnings(year, paging),
        *override_overlaps.warnings(year),
        *clock_changes.warnings(year),
        *clock_zones.warnings(year),
        *unused_entries.warnings(year),
        *unreachable_people.warnings(year),
        *severity_order.warnings(year),
        *misspelt_names.warnings(year),
        *empty_lists.warnings(year),
        *(sleepers.warnings(year) if asks_for_moment and year.moment.time() != time() else ()),
    ]


def scenario_warnings(year: OnCallYear, plays: str, receivers: Collection[str]) -> list[Complaint]:
    """The warnings about an on-call file in a scenario, beside those about it by itself.

    Parameters
    ----------
    plays : str
        The played team.
    receivers : collection of str
        Those of the Alertmanager configuration.
    """
    return [
        *(uncalled_teams.warnings(year, plays) if plays in year.oncall.teams else ()),
        *routing_tree.absent_receivers(year, receivers),
    ]
