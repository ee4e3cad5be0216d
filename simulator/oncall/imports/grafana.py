"""Grafana OnCall: users, schedules, escalation chains and integrations."""

from collections.abc import Sequence

from simulator.oncall.imports.clock import zone_field
from simulator.oncall.imports.directory import Directory
from simulator.oncall.imports.draft import Draft
from simulator.oncall.imports.fields import Fields
from simulator.oncall.imports.grafana_chain import ChainReader
from simulator.oncall.imports.grafana_shifts import read_shifts, split_levels
from simulator.oncall.imports.terraform import Resource
from simulator.units import format_value

KINDS = (
    "grafana_oncall_user", "grafana_oncall_users", "grafana_oncall_team", "grafana_team",
    "grafana_oncall_user_notification_rule", "grafana_oncall_on_call_shift",
    "grafana_oncall_schedule", "grafana_oncall_escalation_chain", "grafana_oncall_escalation",
    "grafana_oncall_integration", "grafana_oncall_route", "grafana_oncall_outgoing_webhook",
    "grafana_oncall_user_group", "grafana_oncall_slack_channel",
)  # fmt: skip
_CHANNELS = {
    "notify_by_mobile_app": "push", "notify_by_mobile_app_critical": "push",
    "notify_by_sms": "sms", "notify_by_phone_call": "call", "notify_by_email": "email",
    "notify_by_slack": "chat", "notify_by_msteams": "chat", "notify_by_telegram": "chat",
}  # fmt: skip


class Grafana:
    """The import of Grafana OnCall's resources into a draft."""

    def __init__(self, draft: Draft, resources: Sequence[Resource]) -> None:
        self._draft = draft
        self._resources = resources
        self._users = Directory[str]("user")
        self._schedules = Directory[list[str]]("schedule")
        self._chains = Directory[str]("escalation chain")
        self._teams = Directory[str]("team")

    def run(self) -> None:
        """Add everything."""
        for kind in ("grafana_oncall_user", "grafana_oncall_users"):
            for resource in self._of(kind):
                self._add_users(resource)
        for resource in self._of("grafana_oncall_team"):
            self._teams[resource.id] = resource.fields.text("name")
        shifts = {shift.id: shift.fields for shift in self._of("grafana_oncall_on_call_shift")}
        used: set[str] = set()
        for resource in self._of("grafana_oncall_schedule"):
            self._schedules[resource.id] = self._schedule(resource, shifts, used)
        for key, fields in shifts.items():
            if key not in used:
                fields.remark("name", "in no schedule: left out")
        for resource in self._of("grafana_oncall_escalation_chain"):
            self._add_chain(resource)
        for resource in self._of("grafana_oncall_escalation"):
            self._chains.find(
                resource.fields.text("escalation_chain_id"), resource.fields, "escalation_chain_id"
            )
        self._add_channels()
        for resource in self._of("grafana_oncall_integration"):
            self._add_integration(resource.fields)

    def _of(self, kind: str) -> list[Resource]:
        return [resource for resource in self._resources if resource.kind == kind]

    def _add_users(self, resource: Resource) -> None:
        fields = resource.fields
        fields.place = ("people",)
        for user in fields.blocks("users") if resource.kind.endswith("users") else [fields]:
            key = user.optional_text("id") or resource.id
            if key not in self._users:
                self._users[key] = self._draft.add_person(user, ("username", "email"))

    def _schedule(self, resource: Resource, shifts: dict[str, Fields], used: set[str]) -> list[str]:
        fields = resource.fields
        kind, name = fields.optional_text("type"), fields.text("name")
        fields.skip("id")
        if resource.lookup or kind == "web":
            fields.remark(
                "type", "its rotations are made outside of Terraform: the schedule is left out"
            )
            return []
        if kind == "ical":
            fields.remark(
                "ical_url_primary",
                "not downloaded, so left out: save it, and see drill oncall import FILE.ics",
            )
            return []
        zone = zone_field(fields, "time_zone", "UTC")
        listed = fields.texts("shifts")
        for key in listed:
            if key not in shifts:
                fields.complain("shifts", f"unknown shift {format_value(key)}")
        keys = [key for key in shifts if key in listed]
        used.update(keys)
        rows = [row for key in keys for row in read_shifts(shifts[key], zone, self._users)]
        if not rows:
            fields.remark("shifts", "nobody is ever on call: the schedule is left out")
            return []
        names = self._draft.add_schedule(name, zone, split_levels(rows), fields)
        fields.place = ("schedules", names[0])
        for key in keys:
            shifts[key].place = fields.place
        return names

    def _add_chain(self, resource: Resource) -> None:
        fields = resource.fields
        label = fields.text("name")
        fields.skip("id")
        steps = sorted(
            (
                step
                for step in self._of("grafana_oncall_escalation")
                if step.fields.text("escalation_chain_id") == resource.id
            ),
            key=lambda step: step.fields.number("position", 0),
        )
        name = self._draft.new_name("policies", label)
        fields.place = ("policies", name)
        chain = ChainReader(self._users, self._schedules)
        for step in steps:
            step.fields.place = fields.place
            step.fields.skip("id")
            chain.add(step.fields)
        policy = chain.policy(fields)
        self._chains[resource.id] = name if policy else ""
        if policy is None:
            fields.remark("name", "pages nobody: the chain is left out")
            return
        self._draft.add("policies", policy, name)
        team = fields.optional_text("team_id")
        labels = self._teams.find_all([team], fields, "team_id") if team in self._teams else []
        if team and not labels:
            fields.remark(
                "team_id", "the team is not looked up here: the chain's name is its team's"
            )
        self._draft.add_team(name, [*labels, label])

    def _add_channels(self) -> None:
        """Put the channels of personal notification rules to people."""
        rules = sorted(
            self._of("grafana_oncall_user_notification_rule"),
            key=lambda rule: rule.fields.number("position", 0),
        )
        important = bool(rules) and all(
            step.fields.flag("important")
            for step in self._of("grafana_oncall_escalation")
            if step.fields.optional_text("type").startswith("notify_person")
            or "on_call_from_schedule" in step.fields.optional_text("type")
        )
        waited: dict[str, int] = {}
        channels: dict[str, list[str]] = {}
        for rule in rules:
            fields = rule.fields
            fields.place = ("channels",)
            fields.skip("id")
            user = self._users.find(fields.text("user_id"), fields, "user_id")
            kind, wait = fields.text("type"), fields.number("duration", 0) * 1000
            if fields.flag("important") != important:
                fields.remark(
                    "important", "people have one list of rules here: the rule is left out"
                )
            elif user and kind == "wait":
                waited[user] = waited.get(user, 0) + (wait or 300_000)
            elif user and kind in _CHANNELS:
                name = self._draft.channel(_CHANNELS[kind], waited.get(user, 0))
                channels.setdefault(user, []).append(name)
            elif kind:
                fields.remark("type", f"unknown rule {kind!r}: left out")
        for user, names in channels.items():
            self._draft.parts["people"][user]["channels"] = list(dict.fromkeys(names))

    def _add_integration(self, fields: Fields) -> None:
        fields.skip("id")
        name, route = fields.text("name"), fields.block("default_route")
        chain = route.optional_text("escalation_chain_id") if route else ""
        if route is None or not chain:
            fields.remark("default_route", "pages nobody: the integration is left out")
            return
        route.skip("id")
        if policy := self._chains.find(chain, route, "escalation_chain_id"):
            receiver = self._draft.add("receivers", {"policy": policy}, name)
            fields.place = ("receivers", receiver)
            self._draft.comment(
                fields.place, f"integration {name}: give the receiver of alertmanager.yml this name"
            )
