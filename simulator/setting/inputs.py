"""The inputs of a run's folder: every file as it was used, enough to simulate it again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import yaml

from simulator.datasets import npz_file
from simulator.setting import Setting

SCENARIO = "scenario.yaml"
DATA = "data.npz"


def write(setting: Setting, folder: Path) -> None:
    """Write a setting's files; `setting.load(folder / SCENARIO)` reads them again.

    The pipeline, the on-call file and the playbook stand in the scenario, resolved. Data
    that come from a package are named by their digest; of a user's own file the rows that
    were read are kept, since the file may change or move.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plain: dict[str, Any] = setting.document.plain()
    alerting = plain["alerting"]
    alerting["rules"] = [
        _put(folder, f"rules-{number}.yml", setting.files[name])
        for number, name in enumerate(alerting["rules"], 1)
    ]
    routing = setting.files[alerting["alertmanager"]]
    alerting["alertmanager"] = _put(folder, "alertmanager.yml", routing)
    if setting.user_data is not None:
        npz_file.save(setting.user_data, folder / DATA)
        spans = {key: plain["pipeline"]["data"].get(key) for key in ("fit", "serve")}
        own = {"source": DATA, **{key: span for key, span in spans.items() if span}}
        plain["pipeline"]["data"] = own
    text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100)
    _put(folder, SCENARIO, text)
    pool = setting.params.pool
    data = {
        "source": setting.pipeline.data.source,
        "rows": len(pool.rows),
        "sha256": hashlib.sha256(pool.rows.tobytes() + pool.label.tobytes()).hexdigest(),
    }
    _put(folder, "data.json", json.dumps(data, indent=2) + "\n")


def scenario_of(folder: Path) -> Path:
    """Where the scenario of a run's folder is; a twin's lies with the run that it is a twin of.

    Examples
    --------
    >>> scenario_of(Path("reports/nowhere-1")).as_posix()
    'reports/nowhere-1/inputs/scenario.yaml'
    """
    own, of_run = (one / "inputs" / SCENARIO for one in (folder, folder.resolve().parents[1]))
    twin = folder.resolve().parent.name == "twins" and not own.is_file() and of_run.is_file()
    return of_run if twin else own


def _put(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return name
