"""incident.io: users, schedules of rotations with versions, and escalation paths."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from simulator.oncall.imports.clock import (
    EPOCH,
    clock_field,
    moment_field,
    optional_moment,
    weekday_field,
    zone_field,
)
from simulator.oncall.imports.directory import Directory
from simulator.oncall.imports.draft import Draft, Entry
from simulator.oncall.imports.fields import Fields
from simulator.oncall.imports.incident_paths import PathReader, ScheduleRotas
from simulator.oncall.imports.rotas import DAY, WEEK, Rota, TurnRota, WeekWindow
from simulator.oncall.imports.terraform import Resource
from simulator.oncall.imports.tracks import split_tracks

KINDS = (
    "incident_user", "incident_schedule", "incident_schedule_beta",
    "incident_schedule_rotation_beta", "incident_escalation_path",
)  # fmt: skip
_INTERVALS = {"hourly": timedelta(hours=1), "daily": DAY, "weekly": WEEK}
_NOBODY = "NOBODY"


class IncidentIo:
    """The import of incident.io's resources into a draft."""

    def __init__(self, draft: Draft, resources: Sequence[Resource]) -> None:
        self._draft = draft
        self._resources = resources
        self._users = Directory[str]("user")
        self._schedules = Directory[ScheduleRotas]("schedule")

    def run(self) -> None:
        """Add everything."""
        for resource in self._of("incident_user"):
            user = resource.fields
            user.place = ("people",)
            if resource.id not in self._users:
                self._users[resource.id] = self._draft.add_person(user, ("name", "email"))
            user.skip("id")
        for resource in self._of("incident_schedule"):
            self._add_schedule(resource, self._rotations(resource.fields))
        rotations = self._of("incident_schedule_rotation_beta")
        for resource in self._of("incident_schedule_beta"):
            own = [r for r in rotations if r.fields.text("schedule_id") == resource.id]
            self._add_schedule(
                resource, [(r.id, rota) for r in own for rota in self._beta(r, resource.fields)]
            )
        for resource in rotations:
            self._schedules.find(
                resource.fields.text("schedule_id"), resource.fields, "schedule_id"
            )
        reader = PathReader(self._users, self._schedules)
        for resource in self._of("incident_escalation_path"):
            self._add_path(resource, reader)

    def _of(self, kind: str) -> list[Resource]:
        return [resource for resource in self._resources if resource.kind == kind]

    def _add_schedule(self, resource: Resource, rotas: list[tuple[str, Rota]]) -> None:
        fields = resource.fields
        zone_field(fields, "timezone")
        fields.skip("id")
        people = list(dict.fromkeys(p for _, rota in rotas for p in rota.people if p))
        names: list[str] = []
        tracks = split_tracks([rota for _, rota in rotas])
        if resource.lookup:
            fields.remark(
                "name", "only looked up here: its rotations are unknown, so it pages nobody"
            )
        elif not rotas:
            fields.remark("rotations", "nobody is ever on call: the schedule is left out")
        else:
            names = self._draft.add_schedule(fields.text("name"), rotas[0][1].zone, tracks, fields)
            fields.place = ("schedules", names[0])
        by_rotation: dict[str, tuple[list[str], list[str]]] = {}
        for key, rota in rotas:
            schedules, members = by_rotation.setdefault(key, ([], []))
            for name, track in zip(names, tracks, strict=False):
                if any(rota is other for other in track) and name not in schedules:
                    schedules.append(name)
            members += [p for p in rota.people if p and p not in members]
        self._schedules[resource.id] = ScheduleRotas(names, people, by_rotation)

    def _rotations(self, fields: Fields) -> list[tuple[str, Rota]]:
        """The rotas of a schedule: of every version of every rotation, by layers."""
        zone = zone_field(fields, "timezone")
        rotas: list[tuple[str, Rota]] = []
        for rotation in sorted(fields.blocks("rotations"), key=lambda block: block.text("name")):
            key, name = rotation.text("id"), rotation.text("name")
            versions = [
                (optional_moment(version, "effective_from", zone), version)
                for version in rotation.blocks("versions")
            ]
            versions.sort(key=lambda row: row[0] or EPOCH)
            for number, (since, version) in enumerate(versions):
                end = versions[number + 1][0] if number + 1 < len(versions) else None
                layers = version.blocks("layers")
                for layer in layers:
                    layer.skip("id")
                anchor = moment_field(version, "handover_start_at", zone)
                rotas += [
                    (key, rota)
                    for rota in self._turns(
                        version, name, zone, anchor, since, end, max(len(layers), 1)
                    )
                ]
        return rotas

    def _beta(self, resource: Resource, schedule: Fields) -> list[Rota]:
        fields, zone = resource.fields, zone_field(schedule, "timezone")
        fields.skip("id")
        name, at_once = fields.text("name"), max(fields.number("concurrent_shifts", 1), 1)
        anchor = moment_field(fields, "first_interval_starts_at", zone)
        since = optional_moment(fields, "effective_from", zone)
        mode = fields.optional_text("scheduling_mode")
        if mode not in ("", "fair", "sequential"):
            fields.complain("scheduling_mode", f"expected fair or sequential, given {mode!r}")
        rotas = self._turns(fields, name, zone, anchor, since, None, at_once, mode != "sequential")
        fields.place = ("schedules",)
        return rotas

    def _turns(
        self, fields: Fields, name: str, zone: str, anchor: datetime, since: datetime | None,
        end: datetime | None, at_once: int, fair: bool = True,
    ) -> list[Rota]:  # fmt: skip
        """The rotas of a rotation: one for each of the people who are on call at once."""
        users = [
            None if key == _NOBODY else self._users.find(key, fields, "users")
            for key in fields.texts("users")
        ]
        lengths = tuple(
            max(block.number("interval"), 1) * _INTERVALS[kind]
            for block in fields.blocks("handovers")
            if (kind := _interval(block))
        )
        windows = tuple(_window(block) for block in fields.blocks("working_intervals"))
        start = max(anchor, since) if since else anchor
        if not any(users) or not lengths or (end is not None and end <= start):
            return []
        uneven = bool(windows) or len(set(lengths)) > 1
        if fair and uneven and len(users) > 1:
            fields.remark("users", "people take turns in the order of the list; fair mode may not")
        if at_once > 1 and len(users) > 1:
            fields.remark(
                "layers" if fields.blocks("layers") else "concurrent_shifts",
                f"{at_once} people at once are taken as neighbours in the list",
            )
        idle = bool(windows) and any(length % WEEK for length in lengths)
        return [
            TurnRota(
                name, zone, (*users[n:], *users[:n]), lengths, anchor, start, end, windows, idle
            )
            for n in range(min(at_once, len(users)))
        ]

    def _add_path(self, resource: Resource, reader: PathReader) -> None:
        fields = resource.fields
        if resource.lookup:
            fields.remark("name", "only looked up here: left out")
            return
        label = fields.text("name")
        name = self._draft.new_name("policies", label)
        fields.place = ("policies", name)
        fields.skip("id")
        policy: Entry | None = reader.policy(fields)
        if policy is None:
            fields.remark("path", "pages nobody: the path is left out")
            return
        self._draft.add("policies", policy, name)
        self._draft.add_team(name, [label])


def _interval(block: Fields) -> str:
    kind = block.text("interval_type")
    if kind and kind not in _INTERVALS:
        block.complain("interval_type", f"expected hourly, daily or weekly, given {kind!r}")
        return ""
    return kind


def _window(block: Fields) -> WeekWindow:
    day = weekday_field(block, "weekday") * DAY
    start, end = clock_field(block, "start_time"), clock_field(block, "end_time")
    return WeekWindow(day + start, end - start if end > start else end - start + DAY)
