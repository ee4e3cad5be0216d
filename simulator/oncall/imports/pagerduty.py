"""PagerDuty: users, teams, escalation policies and services."""

from collections.abc import Sequence

from simulator.oncall.imports.clock import is_zone
from simulator.oncall.imports.directory import Directory
from simulator.oncall.imports.draft import Draft, Entry
from simulator.oncall.imports.fields import Fields
from simulator.oncall.imports.pagerduty_schedules import add_schedule, add_schedulev2
from simulator.oncall.imports.terraform import Resource

KINDS = (
    "pagerduty_user", "pagerduty_users", "pagerduty_team", "pagerduty_team_membership",
    "pagerduty_user_contact_method", "pagerduty_user_notification_rule",
    "pagerduty_user_handoff_notification_rule", "pagerduty_schedule",
    "pagerduty_schedulev2", "pagerduty_escalation_policy", "pagerduty_service",
)  # fmt: skip
_CHANNELS = {
    "push_notification": "push",
    "sms": "sms",
    "phone": "call",
    "whatsapp": "whatsapp",
    "email": "email",
}
MINUTE_MS = 60_000


class PagerDuty:
    """The import of PagerDuty's resources into a draft."""

    def __init__(self, draft: Draft, resources: Sequence[Resource]) -> None:
        self._draft = draft
        self._resources = resources
        self._users = Directory[str]("user")
        self._schedules = Directory[list[str]]("schedule")
        self._policies = Directory[str]("escalation policy")
        self._teams = Directory[str]("team")
        self._members: dict[str, list[str]] = {}

    def run(self) -> None:
        """Add everything."""
        for kind in ("pagerduty_user", "pagerduty_users"):
            for resource in self._of(kind):
                self._add_users(resource)
        for resource in self._of("pagerduty_team"):
            self._teams[resource.id] = resource.fields.text("name")
        for resource in self._of("pagerduty_team_membership"):
            self._add_member(resource.fields)
        self._add_channels()
        for kind, add in (
            ("pagerduty_schedule", add_schedule),
            ("pagerduty_schedulev2", add_schedulev2),
        ):
            for resource in self._of(kind):
                if resource.lookup:
                    resource.fields.remark(
                        "name", "only looked up here: its layers are unknown, so it pages nobody"
                    )
                    self._schedules[resource.id] = []
                else:
                    self._schedules[resource.id] = add(self._draft, resource.fields, self._users)
                    self._check_teams(resource.fields)
        services = [resource for resource in self._of("pagerduty_service") if not resource.lookup]
        for resource in self._of("pagerduty_escalation_policy"):
            self._add_policy(resource, services)
        for resource in services:
            self._add_service(resource.fields)
        self._add_short_teams()

    def _of(self, kind: str) -> list[Resource]:
        return [resource for resource in self._resources if resource.kind == kind]

    def _add_users(self, resource: Resource) -> None:
        fields = resource.fields
        fields.place = ("people",)
        users = fields.blocks("users") if resource.kind == "pagerduty_users" else [fields]
        for user in users:
            key = user.optional_text("id") or resource.id
            entry: Entry = {}
            if zone := user.optional_text("time_zone"):
                if is_zone(zone):
                    entry["zone"] = zone
                else:
                    user.remark("time_zone", f"{zone!r} is not a zone of the tz database: UTC")
            if key not in self._users:
                self._users[key] = self._draft.add_person(user, ("name", "email"), entry)

    def _add_member(self, fields: Fields) -> None:
        team, user = fields.text("team_id"), fields.text("user_id")
        fields.skip("id")
        self._teams.find(team, fields, "team_id")
        if name := self._users.find(user, fields, "user_id"):
            self._members.setdefault(team, []).append(name)

    def _add_channels(self) -> None:
        """Put the channels of notification rules to people, in the order of their delays."""
        kinds: dict[str, str] = {}
        rules: dict[str, list[tuple[int, str]]] = {}
        for resource in self._of("pagerduty_user_contact_method"):
            fields = resource.fields
            fields.place = ("channels",)
            fields.skip("id")
            kinds[resource.id] = self._channel_kind(fields)
            if user := self._users.find(fields.text("user_id"), fields, "user_id"):
                rules.setdefault(user, [])
        for resource in self._of("pagerduty_user_notification_rule"):
            fields = resource.fields
            fields.place = ("channels",)
            fields.skip("id")
            user = self._users.find(fields.text("user_id"), fields, "user_id")
            if fields.optional_text("urgency") == "low":
                fields.remark(
                    "urgency", "low: pages here are of high urgency, the rule is left out"
                )
                continue
            delay = fields.number("start_delay_in_minutes") * MINUTE_MS
            for method in fields.blocks("contact_method"):
                method.skip("id")
                if (kind := self._channel_kind(method)) and user:
                    rules.setdefault(user, []).append((delay, kind))
        for user, rows in rules.items():
            names = [self._draft.channel(kind, delay) for delay, kind in sorted(rows)]
            if names:
                self._draft.parts["people"][user]["channels"] = list(dict.fromkeys(names))

    def _channel_kind(self, fields: Fields) -> str:
        text = fields.text("type")
        kind = _CHANNELS.get(text.removesuffix("_reference").removesuffix("_contact_method"), "")
        if text and not kind:
            fields.remark("type", f"unknown contact method {text!r}: left out")
        return kind

    def _check_teams(self, fields: Fields) -> None:
        for team in fields.texts("teams"):
            name = self._teams.find(team, fields, "teams")
            fields.remark("teams", f"schedules here have no team ({name})")

    def _add_policy(self, resource: Resource, services: Sequence[Resource]) -> None:
        fields = resource.fields
        if resource.lookup:
            fields.remark("name", "only looked up here: its rules are unknown, so it is left out")
            self._policies[resource.id] = ""
            return
        name = self._draft.new_name("policies", fields.text("name"))
        fields.place = ("policies", name)
        levels = [level for rule in fields.blocks("rule") if (level := self._level(rule))]
        repeat = fields.number("num_loops", 0)
        teams = self._teams.find_all(fields.texts("teams"), fields, "teams")
        if repeat > 9:
            fields.remark("num_loops", f"{repeat}: 9 is the most")
        self._policies[resource.id] = name if levels else ""
        if not levels:
            fields.remark("rule", "pages nobody: the policy is left out")
            return
        entry: Entry = {"levels": levels}
        self._draft.add("policies", entry | ({"repeat": min(repeat, 9)} if repeat else {}), name)
        used = [
            s.fields.text("name")
            for s in services
            if s.fields.text("escalation_policy") == resource.id
        ]
        team = self._draft.add_team(name, (*teams, *used))
        for label in teams:
            self._draft.comment(("teams", team), f"team {label}")

    def _level(self, rule: Fields) -> Entry | None:
        rule.skip("id")
        targets: list[Entry] = []
        for target in (*rule.blocks("target"), *rule.blocks("targets")):
            key, kind = target.text("id"), target.optional_text("type") or "user_reference"
            if kind.startswith("user"):
                name = self._users.find(key, target, "id")
                targets += [{"person": name}] if name else []
            elif kind.startswith("schedule"):
                names = self._schedules.find(key, target, "id")
                targets += [{"schedule": name} for name in names or ()]
                if names == []:
                    target.remark("id", "its schedule is not carried over: the target is left out")
            else:
                target.remark("type", f"unknown target {kind!r}: left out")
        delay = rule.number("escalation_delay_in_minutes", 30)
        strategy = rule.block("escalation_rule_assignment_strategy")
        if strategy and strategy.optional_text("type") == "round_robin":
            if all("person" in target for target in targets) and targets:
                targets = [{"round_robin": [target["person"] for target in targets]}]
            else:
                strategy.remark(
                    "type", "round_robin takes turns between people only: all are paged"
                )
        return {"page": targets, "after": f"{delay}m"} if targets else None

    def _add_service(self, fields: Fields) -> None:
        name = fields.text("name")
        policy = self._policies.find(fields.text("escalation_policy"), fields, "escalation_policy")
        if policy:
            receiver = self._draft.add("receivers", {"policy": policy}, name)
            fields.place = ("receivers", receiver)
            self._draft.comment(
                fields.place, f"service {name}: give the receiver of alertmanager.yml this name"
            )
        else:
            fields.remark("escalation_policy", "its policy is left out: no receiver")

    def _add_short_teams(self) -> None:
        """Add the teams that have members and no policy."""
        with_policy = {line for lines in self._draft.comments.values() for line in lines}
        for resource in self._of("pagerduty_team"):
            name, fields = resource.fields.text("name"), resource.fields
            members = list(dict.fromkeys(self._members.get(resource.id, ())))
            if f"team {name}" in with_policy:
                if members:
                    fields.remark(
                        "",
                        "its members here are those whom its policy pages",
                    )
            elif members:
                team = self._draft.add("teams", {"members": members}, name)
                fields.place = ("teams", team)
                fields.remark("", "no policy: its members take weekly turns")
            else:
                fields.remark("name", f"team {name!r} has neither policy nor members: left out")
