"""On-call files from what other tools export: Terraform's state or plan, and calendars.

`import_terraform` reads `terraform show -json` of PagerDuty, Grafana OnCall and incident.io. What
has no place in the format is a remark, never silence: fields that nobody reads are listed.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from simulator.oncall.imports import grafana, incident_io, pagerduty
from simulator.oncall.imports.calendar_file import import_calendar
from simulator.oncall.imports.draft import Draft, slug
from simulator.oncall.imports.notes import Notes, Remark
from simulator.oncall.imports.terraform import Resource, read_file_text, read_resources
from simulator.oncall.imports.tracks import Period
from simulator.oncall.imports.write import on_call_text
from simulator.scenario.oncall import OnCall
from simulator.source import Document, SourceError, parse_text, validate
from simulator.units.wording import format_count

__all__ = ["Draft", "Notes", "Period", "Remark", "import_file"]

_PREFIXES = ("pagerduty_", "grafana_oncall_", "incident_")
_KINDS = {*pagerduty.KINDS, *grafana.KINDS, *incident_io.KINDS}


def import_file(
    file: Path, name: str | None, notes: Notes, period: Period
) -> tuple[str, dict[str, str]]:
    """The text of an on-call file, and the files that have to stand beside it.

    Parameters
    ----------
    file : Path
        The output of `terraform show -json`, or a calendar file.
    name : str, optional
        The organisation's name; by default the file's.
    notes : Notes
        Gets a remark for everything that is not carried over.
    period : Period
        The time for which shifts are listed that no layer can have.

    Raises
    ------
    SourceError
        If the file is neither, or names nobody who is on call.
    """
    text = read_file_text(file, notes)
    label = slug(name or file.stem) or "imported"
    if file.suffix.lower() in (".ics", ".ical") or text.lstrip()[:20].upper() == "BEGIN:VCALENDAR":
        draft = import_calendar(text, label, notes)
        return checked_text(draft, file.name), {file.name: text}
    return checked_text(import_terraform(text, label, notes, period), file.name), {}


def import_terraform(text: str, name: str, notes: Notes, period: Period) -> Draft:
    """The on-call file of a state or plan of Terraform.

    Parameters
    ----------
    text : str
        The output of `terraform show -json`.
    name : str
        The organisation's name.
    notes : Notes
        Gets a remark for everything that is not carried over.
    period : Period
        The time for which shifts are listed that no layer can have.

    Raises
    ------
    SourceError
        If the text is not that, or holds nothing about on-call duty.
    """
    resources = read_resources(text, notes)
    draft = Draft(name, notes)
    for provider in (pagerduty.PagerDuty, grafana.Grafana, incident_io.IncidentIo):
        provider(draft, resources).run()
    notes.raise_if_any()
    draft.add_missing_teams()
    if not draft.parts["teams"]:
        raise notes.failure(f"has nobody on call: no policies and no schedules{_has(resources)}")
    draft.compose_schedules(period)
    for resource in resources:
        if resource.kind in _KINDS:
            resource.fields.skip("id")
            resource.fields.finish()
    _remark_others(resources, notes)
    notes.raise_if_any()
    return draft


def checked_text(draft: Draft, source: str) -> str:
    """The text of an on-call file, read back as any other is.

    Raises
    ------
    SourceError
        If it is too large to be read.
    """
    text = on_call_text(draft, source)
    path = draft.notes.file.with_suffix(".yaml")
    root, complaints = parse_text(text, path)
    if complaints:
        raise SourceError(complaints)
    validate(Document(path, root, path.parent), OnCall)
    return text


def _has(resources: Sequence[Resource]) -> str:
    kinds = sorted({resource.kind for resource in resources})
    few = ", ".join(kinds[:5]) + (", …" if len(kinds) > 5 else "")
    return f"; it has {few}" if kinds else "; it has no resources"


def _remark_others(resources: Sequence[Resource], notes: Notes) -> None:
    """Name the kinds of resources that have no place in an on-call file."""
    kinds = Counter(resource.kind for resource in resources if resource.kind not in _KINDS)
    ours = {kind: count for kind, count in kinds.items() if kind.startswith(_PREFIXES)}
    for kind, count in sorted(ours.items()):
        addresses = [resource.address for resource in resources if resource.kind == kind]
        more = f" and {count - 3} more" if count > 3 else ""
        notes.add(kind, f"not carried over: {', '.join(addresses[:3])}{more}")
    if others := kinds.total() - sum(ours.values()):
        counted = format_count(others, "resources")
        notes.add("terraform", f"not about on-call duty: {counted} of other kinds")
