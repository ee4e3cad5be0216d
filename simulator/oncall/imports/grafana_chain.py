"""Grafana OnCall's escalation chains as levels of a policy."""

from simulator.oncall.imports.clock import clock_field, span_text
from simulator.oncall.imports.directory import Directory
from simulator.oncall.imports.draft import Entry
from simulator.oncall.imports.fields import Fields
from simulator.units import format_ms

# Grafana OnCall repeats a chain five times at most.
_REPEATS = 5


class ChainReader:
    """The steps of a chain: waits lengthen the level before, conditions bind later levels."""

    def __init__(self, users: Directory[str], schedules: Directory[list[str]]) -> None:
        self._users = users
        self._schedules = schedules
        self._levels: list[Entry] = []
        self._waits: list[int] = []
        self._conditions: Entry = {}
        self._repeat = 0
        self._ended = False

    def policy(self, fields: Fields) -> Entry | None:
        """The policy of the chain with some fields; None if it pages nobody."""
        if not self._levels:
            return None
        if not all(self._waits):
            fields.remark("", "5m to acknowledge where no step waits after a page")
        for level, wait in zip(self._levels, self._waits, strict=True):
            level["after"] = format_ms(wait or 300_000)
        # Whoever was notified may acknowledge at any time.
        policy: Entry = {"levels": self._levels, "late": True}
        if any("between" in level for level in self._levels):
            policy = {"zone": "UTC", **policy}
        return policy | ({"repeat": self._repeat} if self._repeat else {})

    def add(self, step: Fields) -> None:
        """Add the next step."""
        kind = step.text("type")
        important = step.flag("important")
        if self._ended:
            step.remark("type", f"{kind} after the end of the chain: left out")
        elif kind == "wait":
            wait = step.number("duration", 300) * 1000
            if self._levels:
                self._waits[-1] += wait
            else:
                step.remark(
                    "duration", f"a wait of {format_ms(wait)} before the first page: left out"
                )
        elif kind == "repeat_escalation":
            self._repeat, self._ended = _REPEATS, True
        elif kind == "notify_if_time_from_to":
            start, end = (clock_field(step, f"notify_if_time_{edge}") for edge in ("from", "to"))
            if start != end:
                self._conditions["between"] = span_text(start, end)
            step.remark(
                "type", "outside of these hours the levels are skipped; Grafana waits for them"
            )
        elif kind == "notify_if_num_alerts_in_window":
            alerts, minutes = (
                step.number("num_alerts_in_window", 0),
                step.number("num_minutes_in_window", 1),
            )
            self._conditions["more_than"] = {"alerts": alerts, "within": f"{minutes}m"}
            step.remark("type", "counted before each later level, and not once")
        elif targets := self._targets(step, kind):
            if important:
                step.remark("important", "people have one list of channels here")
            self._page(targets)

    def _page(self, targets: list[Entry]) -> None:
        """Page targets: at once with those of the step before if there is no wait between."""
        same = self._levels and all(
            self._levels[-1].get(k) == self._conditions.get(k) for k in ("between", "more_than")
        )
        if same and not self._waits[-1]:
            page = self._levels[-1]["page"]
            assert isinstance(page, list)
            page += [target for target in targets if target not in page]
            return
        self._levels.append({"page": targets, "after": "", **self._conditions})
        self._waits.append(0)

    def _targets(self, step: Fields, kind: str) -> list[Entry]:
        if kind in ("notify_persons", "notify_person_next_each_time"):
            key = "persons_to_notify" + ("" if kind == "notify_persons" else "_next_each_time")
            names = sorted(self._users.find_all(step.texts(key), step, key))
            if kind == "notify_persons":
                return [{"person": name} for name in names]
            return [{"round_robin": names}] if names else []
        if kind == "notify_on_call_from_schedule":
            schedules = self._schedules.find(
                step.text("notify_on_call_from_schedule"), step, "notify_on_call_from_schedule"
            )
            if schedules == []:
                step.remark(
                    "notify_on_call_from_schedule",
                    "its schedule is not carried over: the step is left out",
                )
            return [{"schedule": name} for name in schedules or ()]
        reasons = {
            "notify_next_on_call_from_schedule": "the next person on call cannot be paged here",
            "notify_team_members": "the team's members are not in the state",
            "notify_user_group": "the members of a Slack group are not in the state",
            "notify_whole_channel": "a chat channel pages nobody here",
            "trigger_webhook": "there are no webhooks here",
            "declare_incident": "incidents are declared by people here",
            "resolve": "alerts resolve by themselves here",
        }
        reason = reasons.get(kind, "unknown step")
        step.remark("type", f"{kind}: {reason}; the step is left out")
        return []
