"""A drill and a check on a user's own rows."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from simulator.cli import call
from simulator.datasets import user_data
from simulator.session import Session
from simulator.setting import inputs, load
from tests.datasets.conftest import KNOWN, make_rows

SMALL = Path(__file__).parents[1] / "small"


@pytest.fixture
def user_drill(tmp_path, monkeypatch):
    """The small drill in its own folder, on rows of a file."""
    for file in SMALL.glob("*.y*ml"):
        shutil.copy(file, tmp_path)
    make_rows().to_csv(tmp_path / "rows.csv", index=False)
    monkeypatch.chdir(tmp_path)

    def user_drill(**data):
        data = {"source": "rows.csv", "time": "asked", "target": "bought", "label_time": "known",
                "entity": "customer", **data}  # fmt: skip
        text = (tmp_path / "pipeline.yaml").read_text().splitlines()
        lines = [f"data: {json.dumps(data)}" if line.startswith("data:") else line for line in text]
        (tmp_path / "pipeline.yaml").write_text("\n".join(lines))
        return tmp_path / "drill.yaml"

    return user_drill


def test_a_drill_on_user_data_is_replayed_from_its_folder(user_drill, tmp_path):
    setting = load(user_drill())
    session = Session(setting, 1)
    session.advance(10 * 60_000)
    run = session.finish()
    inputs.write(setting, tmp_path / "run")
    (tmp_path / "rows.csv").unlink()
    again = load(tmp_path / "run" / inputs.SCENARIO)
    assert alike(setting.params.pool, again.params.pool)
    other = Session(again, 1)
    other.advance(10 * 60_000)
    assert other.finish().digest == run.digest


def alike(a, b):
    return a.columns == b.columns and all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for name in ("rows", "label", "lag_ms", "latent", "previous")
    )


def test_a_file_is_read_once(user_drill, monkeypatch):
    reads = []
    whole = user_data.load
    monkeypatch.setattr(user_data, "load", lambda *args: reads.append(1) or whole(*args))
    load(user_drill())
    load(user_drill())
    assert reads == [1]


def test_errors_have_their_place(user_drill, capsys):
    path = user_drill(target="sold", zone="Mars/Olympus")
    assert call(["check", path.name]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"pipeline.yaml:5:57: pipeline.data.target: the file has no column 'sold'; {KNOWN}"
    ]


def test_a_missing_file(user_drill, capsys):
    assert call(["check", user_drill(source="lines.csv").name]) == 2
    assert capsys.readouterr().err.startswith(
        "pipeline.yaml:5:18: pipeline.data.source: no file 'lines.csv'"
    )


def test_windows_without_rows(user_drill, capsys):
    path = user_drill(fit={"from": "2025-01-01", "until": "2025-02-01"})
    assert call(["check", path.name]) == 2
    text = "pipeline.data.fit: fit has no rows; the rows are of 2026-01-01 to 2026-02-11"
    assert text in capsys.readouterr().err


def test_a_check_prints_the_survey(user_drill, capsys):
    assert call(["check", user_drill().name]) == 0
    output = capsys.readouterr().out
    assert "3,000 rows of 42 days, 2026-01-01 to 2026-02-11" in output
    assert "positive means bought = yes" in output
    assert "shop     category  0.0%   north, south" in output
    assert "only 14 days are served" in output


def test_keys_of_files_only(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (SMALL / "pipeline.yaml").read_text()
    synthetic = "{source: synthetic, rows: 6000}"
    Path("a.yaml").write_text(text.replace(synthetic, "{source: synthetic, time: t, positive: 1}"))
    Path("b.yaml").write_text(
        text.replace(synthetic, "{source: rows.csv, positive: 1, threshold: 2}")
    )
    assert call(["check", "a.yaml", "b.yaml"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "a.yaml:5:33: data.time: only a file has it, not 'synthetic'",
        "a.yaml:5:46: data.positive: only a file has it, not 'synthetic'",
        "b.yaml:5:7: data.target: is missing: a column of 'rows.csv'",
        "b.yaml:5:7: data.time: is missing: a column of 'rows.csv'",
        "b.yaml:5:50: data.threshold: stands beside positive; expected one of them",
    ]
