"""Imports of the files in this folder, and of states made in a test."""

import json
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from simulator.oncall.imports import Notes, Period, import_file
from simulator.oncall.schedules.compile import compile_schedule
from simulator.scenario.oncall import OnCall
from simulator.scenario.schedule import instant_ms
from simulator.source import Document, parse_text, validate

HERE = Path(__file__).parent
DAY_MS = 86_400_000


def import_path(path, name=None, since=date(2026, 3, 1), days=92):
    """The on-call file of an import, as it is read back, with its text and its remarks."""
    notes = Notes(path)
    text, copies = import_file(path, name, notes, Period(since, days))
    root, _ = parse_text(text, path.with_suffix(".yaml"))
    oncall = validate(Document(path, root, path.parent), OnCall)
    remarks = "\n".join(map(str, notes.remarks))
    return SimpleNamespace(oncall=oncall, text=text, remarks=remarks, copies=copies)


@pytest.fixture(scope="session")
def imported():
    """`imported("grafana.json")`: the import of a file in this folder, made once."""
    files = {}

    def read(name):
        if name not in files:
            files[name] = import_path(HERE / name)
        return files[name]

    return read


@pytest.fixture
def import_state(tmp_path):
    """`import_state({address: values, …})`: the import of a state with these resources."""

    def read(resources, **options):
        rows = [
            {
                "address": address,
                "mode": "data" if address.startswith("data.") else "managed",
                "type": address.removeprefix("data.").split(".")[0],
                "values": values,
            }
            for address, values in resources.items()
        ]
        path = tmp_path / "state.json"
        state = {"format_version": "1.0", "values": {"root_module": {"resources": rows}}}
        path.write_text(json.dumps(state))
        return import_path(path, **options)

    return read


def on_call(oncall, schedule, moment):
    """Who is on call at a moment, by the clock of the schedule's zone."""
    chosen = oncall.schedules[schedule]
    at = instant_ms(datetime.fromisoformat(moment), ZoneInfo(chosen.zone))
    return compile_schedule(chosen, at - DAY_MS, at + DAY_MS).on_call(at)
