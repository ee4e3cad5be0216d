"""incident.io's escalation paths as levels of a policy."""

import re
from typing import NamedTuple

from simulator.oncall.imports.clock import zone_field
from simulator.oncall.imports.directory import Directory
from simulator.oncall.imports.draft import Entry
from simulator.oncall.imports.fields import Fields
from simulator.oncall.imports.incident_hours import Hours, complement, conditions_of, read_hours
from simulator.units import format_ms

_WORKING_HOURS = re.compile(r"escalation\.working_hours\[\"(.+)\"\]")


class ScheduleRotas(NamedTuple):
    """A schedule: the names of its tracks, its people, and those of each rotation."""

    names: list[str]
    people: list[str]
    rotations: dict[str, tuple[list[str], list[str]]]


class _Path:
    """The levels of a path so far."""

    def __init__(self, hours: dict[str, tuple[str, Hours]]) -> None:
        self.hours = hours
        self.levels: list[Entry] = []
        self.waits: list[int] = []
        self.alternatives = 0
        """How many levels at the end are those of one node, for different hours."""
        self.zone = ""
        self.repeat = 0


class PathReader:
    """The reading of paths: nodes in order, branches by working hours as conditions of levels."""

    def __init__(self, users: Directory[str], schedules: Directory[ScheduleRotas]) -> None:
        self._users = users
        self._schedules = schedules

    def policy(self, fields: Fields) -> Entry | None:
        """The policy of a path; None if it pages nobody."""
        path = _Path({})
        for block in fields.blocks("working_hours"):
            path.hours[block.text("id")] = (zone_field(block, "timezone"), read_hours(block))
        self._nodes(path, fields.blocks("path"), [{}])
        if not path.levels:
            return None
        for level, wait in zip(path.levels, path.waits, strict=True):
            level["after"] = format_ms(wait or 300_000)
        policy: Entry = {"levels": path.levels, "late": True}
        if path.repeat:
            policy["repeat"] = path.repeat
        if path.zone:
            policy["zone"] = path.zone
        return policy

    def _nodes(self, path: _Path, nodes: list[Fields], conditions: list[Entry]) -> None:
        for number, node in enumerate(nodes):
            kind = node.text("type")
            name = node.optional_text("id")
            block = node.block(kind)
            if kind == "level" and block:
                self._level(path, block, conditions)
            elif kind == "delay" and block:
                _delay(path, block, conditions)
            elif kind == "repeat" and block:
                self._repeat(path, block, nodes, number)
            elif kind == "if_else" and block:
                self._branch(path, block, conditions)
            elif kind == "notify_channel" and block:
                node.remark(kind, "a chat channel pages nobody here: the node is left out")
                for target in block.blocks("targets"):
                    target.skip("id", "type", "urgency")
            else:
                node.remark("type", f"{kind} cannot be carried over: node {name!r} is left out")

    def _repeat(self, path: _Path, block: Fields, nodes: list[Fields], number: int) -> None:
        times, node = block.number("repeat_times", 1), block.optional_text("to_node")
        first = nodes[0].optional_text("id") if nodes else ""
        path.repeat = max(path.repeat, min(times, 9))
        if node != first or number + 1 < len(nodes):
            block.remark(
                "to_node",
                f"{node!r}: the policy starts again at its first level, after its last one",
            )
        if times > 9:
            block.remark("repeat_times", f"{times}: 9 is the most")

    def _branch(self, path: _Path, block: Fields, conditions: list[Entry]) -> None:
        """Both branches, one after the other, each in its hours; else the first one only."""
        then, otherwise = block.blocks("then_path"), block.blocks("else_path")
        tests = block.blocks("conditions")
        match = _WORKING_HOURS.fullmatch(tests[0].text("subject")) if len(tests) == 1 else None
        operation = tests[0].text("operation") if match else ""
        plain = operation in ("is_active", "is_inactive") and conditions == [{}]
        if match is None or match[1] not in path.hours or not plain:
            subjects = ", ".join(test.optional_text("subject") for test in tests)
            block.remark(
                "conditions", f"{subjects or 'none'}: taken as true, its else_path is left out"
            )
            self._nodes(path, then, conditions)
            return
        zone, hours = path.hours[match[1]]
        if path.zone not in ("", zone):
            block.remark(
                "conditions",
                f"working hours in {zone}: taken as true, a policy has one zone ({path.zone})",
            )
            self._nodes(path, then, conditions)
            return
        path.zone = zone
        inside, outside = conditions_of(hours), conditions_of(complement(hours))
        if operation == "is_inactive":
            inside, outside = outside, inside
        self._nodes(path, then, inside)
        self._nodes(path, otherwise, outside)
        if then and otherwise:
            block.remark(
                "conditions",
                "looked at before each level: a page at their edge may change branches",
            )

    def _level(self, path: _Path, block: Fields, conditions: list[Entry]) -> None:
        targets = self._targets(block)
        wait = block.number("time_to_ack_seconds", 0) * 1000
        if not wait:
            block.remark("time_to_ack_seconds", "is not there: 5m")
        robin = block.block("round_robin_config")
        if robin and robin.flag("enabled"):
            if all("person" in target for target in targets) and targets:
                targets = [{"round_robin": [target["person"] for target in targets]}]
            else:
                robin.remark("enabled", "turns are between people only: all are paged")
        if not targets:
            block.remark("targets", "nobody that can be paged here: the level is left out")
            return
        attempts, interval = 1, 0
        if retry := block.block("retry_config"):
            attempts = min(max(retry.number("attempts"), 1), 10)
            interval = max(retry.number("interval_seconds"), 60) * 1000
            wait = max(wait - (attempts - 1) * interval, interval)
        if block.optional_text("ack_mode") not in ("", "first"):
            block.remark("ack_mode", "the first acknowledgement takes the page here")
        for attempt in range(attempts):
            for condition in conditions:
                path.levels.append({"page": targets, "after": "", **condition})
                path.waits.append(wait if attempt == attempts - 1 else interval)
        path.alternatives = len(conditions)

    def _targets(self, block: Fields) -> list[Entry]:
        targets: list[Entry] = []
        for target in block.blocks("targets"):
            kind, key = target.text("type"), target.text("id")
            if target.optional_text("urgency") == "low":
                target.remark("urgency", "low: it pages as of high urgency")
            if kind == "user":
                name = self._users.find(key, target, "id")
                rows: list[Entry] = [{"person": name}] if name else []
            elif kind == "schedule":
                rows = self._of_schedule(target, key)
            else:
                target.remark("type", f"{kind} pages nobody here: left out")
                rows = []
            targets += [row for row in rows if row not in targets]
        return targets

    def _of_schedule(self, target: Fields, key: str) -> list[Entry]:
        schedule = self._schedules.find(key, target, "id")
        mode = target.optional_text("schedule_mode") or "currently_on_call"
        rotation = target.optional_text("selected_rota_id")
        if schedule is None:
            return []
        names, people = schedule.names, schedule.people
        if mode.endswith("_for_rota"):
            if rotation not in schedule.rotations:
                target.remark(
                    "selected_rota_id", f"unknown rotation {rotation!r}: the target is left out"
                )
                return []
            names, people = schedule.rotations[rotation]
        if mode.startswith("next_on_call"):
            target.remark(
                "schedule_mode", f"{mode}: the next person on call cannot be paged here; left out"
            )
            return []
        if mode.startswith("all_users"):
            return [{"person": person} for person in people]
        if not names:
            target.remark("id", "its schedule is not carried over: the target is left out")
        return [{"schedule": name} for name in names]


def _delay(path: _Path, block: Fields, conditions: list[Entry]) -> None:
    wait = block.number("delay_seconds", 0) * 1000
    last = path.levels[-path.alternatives :] if path.alternatives else []
    if [_condition(level) for level in last] == conditions:
        for number in range(len(path.waits) - len(last), len(path.waits)):
            path.waits[number] += wait
    elif wait:
        text = f"a wait of {format_ms(wait)} before the first page of the path: left out"
        block.remark("delay_seconds", text)


def _condition(level: Entry) -> Entry:
    return {key: level[key] for key in ("between", "days") if key in level}
