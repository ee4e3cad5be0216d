"""People, schedules, policies and channels that nothing else in an on-call file uses."""

from collections.abc import Iterator

from simulator.lint.oncall_year import OnCallYear
from simulator.scenario.policy import Policy
from simulator.source import Complaint
from simulator.units import format_ms


def warnings(year: OnCallYear) -> Iterator[Complaint]:
    """Every entry that nothing uses."""
    oncall = year.oncall
    targets = [target for _, _, level in year.levels for target in level.page]
    used_policies = {team.policy for team in oncall.teams.values()}
    used_schedules = {target.schedule for target in targets}
    for name in _unused_people(year):
        text = "is in no schedule, policy or team: nobody can page them"
        yield year.complaint(("people", name), text, key=True)
    for name in oncall.schedules:
        if name not in used_schedules:
            yield year.complaint(("schedules", name), "no policy uses it", key=True)
    for name in oncall.policies:
        if name not in used_policies:
            text = "no team has it: nobody is paged over it"
            yield year.complaint(("policies", name), text, key=True)
    if "channels" in oncall.model_fields_set:
        for name, text in _unused_channels(year):
            yield year.complaint(("channels", name), text, key=True)


def _unused_people(year: OnCallYear) -> list[str]:
    oncall = year.oncall
    used = {name for team in oncall.teams.values() for name in team.members or ()}
    for name, schedule in oncall.schedules.items():
        used |= set(year.organisation.shifts[name].people())
        used |= {person for layer in schedule.layers for person in layer.people}
        used |= {override.person for override in schedule.overrides}
    for _, _, level in year.levels:
        for target in level.page:
            used |= {target.person or "", *(target.round_robin or ())}
    return [name for name in oncall.people if name not in used]


def _unused_channels(year: OnCallYear) -> Iterator[tuple[str, str]]:
    oncall = year.oncall
    if all(team.policy is None for team in oncall.teams.values()):
        for name in oncall.channels:
            yield name, "is not used: members are paged by their team's notify"
        return
    people = oncall.people.values()
    # Without a list of their own, people have all channels.
    has_all = not all(person.channels for person in people)
    used = {name for person in people for name in person.channels}
    longest = max(_longest_wait(policy) for policy in oncall.policies.values())
    for name, channel in oncall.channels.items():
        if not has_all and name not in used:
            yield name, "nobody has it"
        elif channel.after >= longest:
            waits = f"no page waits for somebody longer than {format_ms(longest)}"
            yield name, f"is never used: it comes after {format_ms(channel.after)}, and {waits}"


def _longest_wait(policy: Policy) -> int:
    """How long a page over a policy may wait for one person, ms."""
    if not policy.late:
        return max(level.after for level in policy.levels)
    return sum(level.after for level in policy.levels) * (policy.repeat + 1)
