"""The inputs in a run's folder: every file as it was used, enough for a replay."""

import hashlib
import json
from pathlib import Path
from typing import Any

import yaml

from simulator.datasets import npz_file
from simulator.run.folder import inputs_folder
from simulator.setting import Setting
from simulator.setting.bound_scenario import calendar_key

SCENARIO = "scenario.yaml"
DATA = "data.npz"


def write(setting: Setting, folder: Path) -> None:
    """Write a setting's files; `setting.load(folder / SCENARIO)` reads them back.

    The scenario contains the pipeline, the on-call file and the playbook. Shipped data are
    identified by their digest; the rows of a user's file are copied, since it may change or move.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plain: dict[str, Any] = setting.document.plain()
    alerting = plain["alerting"]
    alerting["rules"] = [
        _write_text(folder, f"rules-{number}.yml", setting.files[name])
        for number, name in enumerate(alerting["rules"], 1)
    ]
    routing = setting.files[alerting["alertmanager"]]
    alerting["alertmanager"] = _write_text(folder, "alertmanager.yml", routing)
    schedules = (plain["oncall"].get("schedules") or {}).items()
    for number, (name, schedule) in enumerate(schedules, 1):
        if "ical" in schedule:
            text = setting.files[calendar_key(name)]
            schedule["ical"] = _write_text(folder, f"calendar-{number}.ics", text)
    if setting.user_data is not None:
        npz_file.save(setting.user_data, folder / DATA)
        spans = {key: plain["pipeline"]["data"].get(key) for key in ("fit", "serve")}
        kept = {key: span for key, span in spans.items() if span}
        plain["pipeline"]["data"] = {"source": DATA, **kept}
    text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100)
    _write_text(folder, SCENARIO, text)
    pool = setting.params.pool
    data = {
        "source": setting.pipeline.data.source,
        "rows": len(pool.rows),
        "sha256": hashlib.sha256(pool.rows.tobytes() + pool.label.tobytes()).hexdigest(),
    }
    _write_text(folder, "data.json", json.dumps(data, indent=2) + "\n")


def digest(folder: Path) -> str:
    """A hash of all files that `write` wrote."""
    total = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        total.update(f"{path.name} {len(content)}\n".encode() + content)
    return total.hexdigest()


def scenario_file(folder: Path) -> Path:
    """The scenario file of a run's folder; a twin shares the file of its run.

    Examples
    --------
    >>> scenario_file(Path("reports/nowhere-1")).as_posix()
    'reports/nowhere-1/inputs/scenario.yaml'
    """
    return inputs_folder(folder) / SCENARIO


def _write_text(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return name
