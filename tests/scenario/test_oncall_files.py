"""On-call files with people and policies: each mistake is one line in its place."""

import pytest

from simulator.scenario import OnCall

ONCALL = """\
oncall: 1
name: org
people:
  ana: {zone: America/New_York, skills: [serving], asleep: "23:00-07:00"}
  ben: {zone: Europe/Berlin, channels: [push]}
  dee: {}
schedules:
  primary:
    zone: America/New_York
    layers:
      - {people: [ana, ben], every: 1w, hand_off: "Mon 09:00"}
      - {people: [dee], between: "18:00-08:00", days: [Sat, Sun]}
    overrides: [{from: 2026-03-09T18:00, until: 2026-03-10T09:00, person: ben}]
    holidays: [2026-12-25]
policies:
  serving:
    levels:
      - {page: [{schedule: primary}], after: 5m}
      - {page: [{person: ana}], after: 10m, between: "08:00-22:00"}
      - {page: [{team: data}]}
    repeat: 2
channels: {push: {median: 5s, loss: 0.05}}
severities:
  SEV1: {when: {any: [{burn: 14.4}]}, inform: [support], roles: [commander], update_every: 30m}
teams:
  ml: {policy: serving, owns: [view], may: {never: [drain_node]}}
  data: {members: [eli, fay], owns: [feed], called_by: [ml]}
receivers: {pager: {policy: serving}}
"""

LAYER = "schedules.primary.layers[0]"
WEEKEND = "schedules.primary.layers[1]"
OVERRIDE = "schedules.primary.overrides[0]"
LEVEL = "policies.serving.levels[0]"
NAME = "is not a name; expected letters, digits, '-', '_' and '.', at most 63; did you mean"
LAW = "expected one of median, mean and fixed; given"
UNITS = "(units w, d, h, m, s, ms; for example '1h30m')"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        # people
        ("dee: {}", "dee:", "6:7: people.dee: given nothing, expected a map; did you mean {}?"),
        ("dee: {}", "Dee Lee: {}", f"6:3: people.Dee Lee: 'Dee Lee' {NAME} 'Dee-Lee'?"),
        ("dee: {}", "dee: {acknowledge: {median: 5m, mean: 4m}}", f"6:22: people.dee.acknowledge: {LAW} median and mean"),
        ("zone: Europe/Berlin", "zone: Europe/Berln", "5:15: people.ben.zone: unknown time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?"),
        ("zone: Europe/Berlin", "zone: UTC+2", "5:15: people.ben.zone: unknown time zone 'UTC+2'; expected an IANA name (for example 'Europe/Berlin')"),
        ("zone: Europe/Berlin", "zone: PST", "5:15: people.ben.zone: unknown time zone 'PST'; expected an IANA name (for example 'Europe/Berlin')"),
        ("asleep: \"23:00-07:00\"", "asleep: {from: \"23:00\", to: \"07:00\"}", "4:60: people.ana.asleep: a map of 2 is not a span of a day; did you mean '23:00-07:00'?"),
        ("asleep: \"23:00-07:00\"", "asleep: 23-7", "4:60: people.ana.asleep: '23-7' is not a span of a day; did you mean '23:00-07:00'?"),
        ("channels: [push]", "channels: push", "5:40: people.ben.channels: given 'push', expected a list; did you mean [push]?"),
        ("channels: [push]", "channels: [pus]", "5:41: people.ben.channels[0]: unknown channel 'pus'; did you mean 'push'?"),
        ("channels: [push]", "channels: [push, push]", "5:47: people.ben.channels[1]: channel 'push' is also that of entry [0]"),
        # schedules
        ("[ana, ben]", "[ana, bne]", f"11:24: {LAYER}.people[1]: unknown person 'bne'; did you mean 'ben'?"),
        ("[ana, ben]", "[ana, eli]", f"11:24: {LAYER}.people[1]: unknown person 'eli': a member of data without an entry under people"),
        ("[ana, ben]", "[ana, Ana Lee]", f"11:24: {LAYER}.people[1]: 'Ana Lee' {NAME} 'Ana-Lee'?"),
        ("[ana, ben]", "[ana, 5]", f"11:24: {LAYER}.people[1]: given 5, expected a text"),
        ("[ana, ben]", "[]", f"11:18: {LAYER}.people: is empty"),
        ("every: 1w", "every: 5h", f"11:37: {LAYER}.every: given '5h', expected whole days, or a part that divides a day (12h, 8h, 6h)"),
        ("every: 1w", "every: 1d", f"11:51: {LAYER}.hand_off: given 'Mon 09:00', but only shifts of whole weeks end on a weekday; did you mean '09:00'?"),
        ("every: 1w", "every: weekly", f"11:37: {LAYER}.every: 'weekly' is not a duration; did you mean '1w'? {UNITS}"),
        ("every: 1w", "rotation: 1w", f"11:30: {LAYER}.rotation: unknown key; did you mean 'every'?"),
        ("every: 1w", "every: 7", f"11:37: {LAYER}.every: 7 is not a duration: it has no unit; did you mean '7s' or '7m'? {UNITS}"),
        ("Mon 09:00", "Moo 09:00", f"11:51: {LAYER}.hand_off: 'Moo' is not a weekday (Mon to Sun); did you mean 'Mon'?"),
        ("Mon 09:00", "Mon 9:00", f"11:51: {LAYER}.hand_off: 'Mon 9:00' is not a time of hand-off; did you mean 'Mon 09:00'?"),
        ("Mon 09:00", "25:00", f"11:51: {LAYER}.hand_off: '25:00' is not a time of hand-off (for example 'Mon 09:00' or '09:00')"),
        ("18:00-08:00", "9-5", f"12:34: {WEEKEND}.between: '9-5' is not a span of a day; did you mean '09:00-17:00'?"),
        ("18:00-08:00", "09:00-09:00", f"12:34: {WEEKEND}.between: '09:00-09:00' is empty; leave it out for the whole day"),
        ("[Sat, Sun]", "Mon-Fri", f"12:55: {WEEKEND}.days: given 'Mon-Fri', expected a list of weekdays; did you mean [Mon, Tue, Wed, Thu, Fri]?"),
        ("[Sat, Sun]", "[Sat, Snu]", f"12:61: {WEEKEND}.days[1]: 'Snu' is not a weekday (Mon to Sun); did you mean 'Sun'?"),
        ("from: 2026-03-09T18:00", "from: 2026-03-09", f"13:24: {OVERRIDE}.from: '2026-03-09' has no time of day; did you mean '2026-03-09T00:00'?"),
        ("from: 2026-03-09T18:00", "start: 2026-03-09T18:00", f"13:18: {OVERRIDE}.start: unknown key; did you mean 'from'?"),
        ("from: 2026-03-09T18:00", "from: 2026-03-11T18:00", f"13:49: {OVERRIDE}.until: given 2026-03-10T09:00, not after its start"),
        ("[2026-12-25]", "[2026-02-29]", "14:16: schedules.primary.holidays[0]: '2026-02-29' is not a day (for example 2013-04-01)"),
        ("zone: America/New_York\n", "ical: a.ics\n", "9:11: schedules.primary.ical: takes the place of layers, and there are some"),
        # policies
        ("[{schedule: primary}]", "primary", f"18:16: {LEVEL}.page: given 'primary', expected a list; did you mean [{{schedule: primary}}]?"),
        ("[{schedule: primary}]", "[primary]", f"18:17: {LEVEL}.page[0]: given 'primary', expected a map; did you mean {{schedule: primary}}?"),
        ("[{schedule: primary}]", "[]", f"18:16: {LEVEL}.page: is empty"),
        ("{schedule: primary}", "{schedule: primry}", f"18:28: {LEVEL}.page[0].schedule: unknown schedule 'primry'; did you mean 'primary'?"),
        ("{schedule: primary}", "{person: primary}", f"18:26: {LEVEL}.page[0].person: unknown person 'primary': it is a schedule"),
        ("{schedule: primary}", "{schedule: primary, person: ana}", f"18:17: {LEVEL}.page[0]: expected one of schedule, person, team and round_robin; given schedule and person"),
        ("{schedule: primary}", "{round_robin: [ana, ana]}", f"18:37: {LEVEL}.page[0].round_robin[1]: person 'ana' is also that of entry [0]"),
        ("{schedule: primary}", "{team: ml}", f"18:24: {LEVEL}.page[0].team: pages nobody: the first levels of teams lead back to it: ml -> ml"),
        ("after: 5m", "delay: 5m", f"18:39: {LEVEL}.delay: unknown key; did you mean 'after'?"),
        ("after: 5m", "team: ml", f"18:39: {LEVEL}.team: unknown key; did you mean 'page: [{{team: …}}]'?"),
        ("after: 5m", "after: 0s", f"18:46: {LEVEL}.after: given '0s', expected more: nobody could take the page in time, unless late is true"),
        ("after: 5m", "more_than: 3", f"18:50: {LEVEL}.more_than: given 3, expected a map; did you mean {{alerts: 3, within: 5m}}?"),
        ("repeat: 2", "repeat: 100", "21:13: policies.serving.repeat: given 100, expected 9 or less"),
        # channels and severities
        ("{median: 5s, loss: 0.05}", "5s", "22:18: channels.push: given '5s', expected a map; did you mean {median: 5s}?"),
        ("loss: 0.05", "mean: 4s", f"22:18: channels.push: {LAW} median and mean"),
        ("median: 5s, loss: 0.05", "mean: 5s, spread: 1", "22:18: channels.push: a law with a spread has a median; given mean"),
        ("SEV1", "SEV0", "24:3: severities.SEV0: unknown 'SEV0'; expected one of SEV1, SEV2, SEV3, SEV4, SEV5"),
        ("SEV1", "P1", "24:3: severities.P1: unknown 'P1'; expected one of SEV1, SEV2, SEV3, SEV4, SEV5"),
        ("{any: [{burn: 14.4}]}", "{burn: 14.4}", "24:17: severities.SEV1.when.burn: unknown key; did you mean 'any: [{burn: …}]'?"),
        ("{burn: 14.4}", "{burn: 14.4, customers: 0.2}", "24:23: severities.SEV1.when.any[0]: expected one of burn, customers and outside; given burn and customers"),
        ("every: 30m", "every: 0s", "24:92: severities.SEV1.update_every: given '0s', expected more"),
        ("policies:", "escalation_policies:", "15:1: escalation_policies: unknown key; did you mean 'policies'?"),
        # teams and receivers
        ("owns: [view], ", "ack: 5m, ", "26:25: teams.ml.ack: unknown key; did you mean 'acknowledge'?"),
        ("{policy: serving, ", "{", "26:7: teams.ml: expected either members or a policy; given owns, may"),
        ("{policy: serving, ", "{policy: serving, members: [ana], ", "26:7: teams.ml: expected either members or a policy; given both"),
        ("{policy: serving, ", "{policy: srving, ", "26:16: teams.ml.policy: unknown policy 'srving'; did you mean 'serving'?"),
        ("{policy: serving, ", "{policy: serving, rotation: 7d, ", "26:35: teams.ml.rotation: is of a team with members; a policy has its own"),
        ("{never: [drain_node]}", "{ask: dta}", "26:50: teams.ml.may.ask: unknown team 'dta'; did you mean 'data'?"),
        ("{never: [drain_node]}", "[drain_node]", "26:44: teams.ml.may: given a list of 1, expected a map; did you mean {never: [drain_node]}?"),
        ("called_by: [ml]", "called_by: [data]", "27:57: teams.data.called_by[0]: is the team itself"),
        ("{policy: serving}", "serving", "28:20: receivers.pager: given 'serving', expected a map; did you mean {policy: …} or {team: …}?"),
        ("{policy: serving}", "{}", "28:20: receivers.pager: expected one of team and policy; given none"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line(refused, old, new, line):
    assert refused(OnCall, ONCALL, old, new) == [f"a.yaml:{line}"]


CIRCLE = """\
oncall: 1
name: org
people: {ana: {}}
policies:
  a: {levels: [{page: [{person: ana}, {team: ml}]}]}
  b: {levels: [{page: [{team: data}]}, {page: [{team: data}]}]}
teams:
  data: {policy: a}
  ml: {policy: b}
"""


def test_first_levels_that_page_each_other_are_a_circle(refused, read):
    text = "pages nobody: the first levels of teams lead back to it: data -> ml -> data"
    line = f"a.yaml:6:31: policies.b.levels[0].page[0].team: {text}"
    assert refused(OnCall, CIRCLE) == [line]
    # Later levels may page a team whose later levels page back.
    assert read(
        OnCall,
        CIRCLE,
        "b: {levels: [{page: [{team: data}]}, ",
        "b: {levels: [{page: [{person: ana}]}, ",
    )


def test_hints_at_thousands_of_unknown_people_are_few(refused):
    names = ", ".join(f"p{number}" for number in range(3000))
    lines = refused(OnCall, ONCALL, "[ana, ben]", f"[{names}]")
    assert len(lines) == 3000
    assert sum("expected one of" in line for line in lines) == 20


def test_a_clock_without_quotes_is_the_same_text(read):
    plain = read(OnCall, ONCALL, '"Mon 09:00"', "Mon 09:00")
    assert plain == read(OnCall, ONCALL)
    assert read(OnCall, ONCALL, '"Mon 09:00"', "22:22").schedules["primary"].layers[0].hand_off == (
        None,
        22 * 60 + 22,
    )
