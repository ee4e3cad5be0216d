"""The on-call file that an import makes: its parts by name, and comments on them."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from simulator.oncall.imports.fields import Fields
from simulator.oncall.imports.notes import Notes, Place
from simulator.oncall.imports.rotas import Rota
from simulator.oncall.imports.tracks import Period, compose
from simulator.units import format_ms

Entry = dict[str, object]
SECTIONS = ("people", "schedules", "policies", "channels", "teams", "receivers")
# The laws of the channels are ours: no provider states any.
CHANNELS: dict[str, Entry] = {
    "push": {"median": "5s", "loss": 0.05},
    "sms": {"median": "20s", "loss": 0.02},
    "call": {"median": "40s", "loss": 0.01},
    "whatsapp": {"median": "10s", "loss": 0.02, "wakes": 0.5},
    "email": {"median": "1m", "loss": 0.01, "wakes": 0.05},
    "chat": {"median": "10s", "loss": 0.05, "wakes": 0.1},
}


def slug(text: str) -> str:
    """A text as a name of the format, in lower case; empty if nothing of it can be one.

    Examples
    --------
    >>> slug("Zoë O'Brien"), slug("ana.lee@example.com"), slug("監視")
    ('zoe-o-brien', 'ana.lee', '')
    """
    local = text.split("@")[0] if re.fullmatch(r"\S+@\S+", text) else text
    plain = unicodedata.normalize("NFKD", local).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_.]+", "-", plain).strip("-_.")[:60].rstrip("-")


class Draft:
    """An on-call file in the making."""

    def __init__(self, name: str, notes: Notes) -> None:
        self.name = name
        self.notes = notes
        self.parts: dict[str, dict[str, Entry]] = {section: {} for section in SECTIONS}
        self.comments: dict[Place, list[str]] = {}
        self._tracks: list[tuple[str, str, Sequence[Rota], Fields]] = []

    def new_name(self, section: str, *texts: str) -> str:
        """A name that is free, from the first text that can be one."""
        base = next(filter(None, map(slug, texts)), section.rstrip("s").replace("people", "person"))
        # A team and a person stand side by side in the log.
        sections = ("people", "teams") if section in ("people", "teams") else (section,)
        name, number = base, 1
        while any(name in self.parts[key] for key in sections):
            number += 1
            name = f"{base}-{number}"
        return name

    def add(self, section: str, entry: Entry, *texts: str) -> str:
        """Add a part under a free name."""
        name = self.new_name(section, *texts)
        self.parts[section][name] = entry
        return name

    def add_person(self, user: Fields, keys: Iterable[str], entry: Entry | None = None) -> str:
        """Add a person, named after the first of some fields that can be a name."""
        text = next((text for key in keys if slug(text := user.optional_text(key))), "")
        return self.add("people", {} if entry is None else entry, text)

    def comment(self, place: Place, text: str) -> None:
        """Put a comment above a part."""
        lines = self.comments.setdefault(place, [])
        text = " ".join(text.split())
        if text and text not in lines:
            lines.append(text)

    def add_schedule(
        self, label: str, zone: str, tracks: Sequence[Sequence[Rota]], fields: Fields
    ) -> list[str]:
        """Add a schedule for each track, and return their names."""
        names = []
        for number, rotas in enumerate(tracks, 1):
            suffix = f" {number}" if number > 1 else ""
            # Composed at the end; the entry holds the name until then.
            name = self.add("schedules", {}, f"{slug(label)}{suffix}", label)
            self._tracks.append((name, zone, rotas, fields))
            names.append(name)
        if len(names) > 1:
            many = f"{len(names)} people at once: a schedule each, {', '.join(names)}"
            self.notes.add(fields.path, many, ("schedules", names[0]))
        return names

    def compose_schedules(self, period: Period) -> None:
        """Make the layers and overrides of the schedules, by default from the newest start on."""
        if period.since is None and self._tracks:
            starts = [rota.start.date() for _, _, rotas, _ in self._tracks for rota in rotas]
            period = period._replace(since=max(starts))
        for name, zone, rotas, fields in self._tracks:

            def say(
                rota: Rota, text: str, place: Place = ("schedules", name), source: str = fields.path
            ) -> None:
                self.notes.add(f"{source} ({rota.name})" if rota.name else source, text, place)

            entry, layer_names = compose(rotas, zone, period, say)
            self.parts["schedules"][name] = entry
            for number, layer_name in enumerate(layer_names):
                self.comment(("schedules", name, "layers", number), layer_name)

    def channel(self, kind: str, after_ms: int = 0) -> str:
        """The name of a channel that is used some time after the page was sent."""
        name = f"{kind}-{format_ms(after_ms).replace(' ', '')}" if after_ms else kind
        after = {"after": format_ms(after_ms)} if after_ms else {}
        self.parts["channels"].setdefault(name, {**CHANNELS[kind], **after})
        return name

    def add_team(self, policy: str, labels: Iterable[str]) -> str:
        """Add the team of a policy, named after the first label that is free."""
        for label in labels:
            if slug(label) and self.new_name("teams", label) == slug(label):
                return self.add("teams", {"policy": policy}, label)
        return self.add("teams", {"policy": policy}, policy)

    def add_missing_teams(self) -> None:
        """Add a policy and a team for each schedule if there are none: a file must have a team."""
        if self.parts["teams"]:
            return
        for schedule in list(self.parts["schedules"]):
            name = self.add("policies", {"levels": [{"page": [{"schedule": schedule}]}]}, schedule)
            team = self.add_team(name, [schedule])
            text = "no policy pages it: it gets one of a single level"
            self.notes.add(f"schedule {schedule}", text, ("teams", team))
