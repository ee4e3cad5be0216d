"""`drill replay`: the same events, in any process."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.cli import call
from tests.run.reseal import reseal

SMALL = Path(__file__).parents[1] / "small" / "drill.yaml"
INJECTS = (
    "injects=[{at: 8m, change: release, args: {target: serving, build: 9}}, "
    "{id: slow, at: 10m, fault: slow_build, args: {build: 9, factor: 8}}]"
)
PROGRAM = "from simulator.cli import main; main()"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run in which a playbook rolled back a slow build."""
    folder = tmp_path_factory.mktemp("replay") / "run"
    call(["run", str(SMALL), "--no-twins", "--out", str(folder), "--seed", "7",
          "--responder", "latency", "--set", INJECTS])  # fmt: skip
    orders = [line for line in (folder / "log.jsonl").read_text().splitlines() if '"order"' in line]
    assert any('"rollback"' in line for line in orders)
    return folder


def test_another_process_gives_the_same_digest(folder, tmp_path):
    # With another folder and hash seed too: the digest depends on neither.
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, "replay", str(folder)],
        cwd=tmp_path, env={"PYTHONHASHSEED": "4", "PATH": "", "PYTHONPATH": str(Path.cwd())},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    digest = json.loads((folder / "scores.json").read_text())["digest"]
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(f"the same: digest {digest}, ")


def test_a_log_that_was_changed_is_not_the_same(folder, tmp_path, capsys):
    other = tmp_path / "other"
    subprocess.run(["cp", "-r", str(folder), str(other)], check=True)
    path = other / "log.jsonl"
    path.write_text(path.read_text().replace('"who":"world","fault"', '"who":"moon","fault"'))
    reseal(other)
    assert call(["replay", str(other)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("not the same: digest ")
    assert len(lines) >= 3


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"action":"declare"', '"action":"declar"', "unknown action 'declar'; did you mean 'declare'?"),
        ('"severity":"SEV3"', '"severity":7', "declare: severity: unknown 7"),
    ],
)  # fmt: skip
def test_an_invalid_order_is_one_line(folder, tmp_path, capsys, old, new, message):
    other = tmp_path / "other"
    subprocess.run(["cp", "-r", str(folder), str(other)], check=True)
    path = other / "log.jsonl"
    lines = path.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if '"kind":"order"' in line and old in line)
    lines[at] = lines[at].replace(old, new)
    path.write_text("\n".join(lines) + "\n")
    reseal(other)
    assert call(["replay", str(other)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"drill: {path}:{at + 1}: {message}")


def test_a_folder_without_a_run_is_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)  # no runs there to hint at
    assert call(["replay", str(tmp_path)]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert errors == [f"drill: {tmp_path}: not a run's folder: it has no log.jsonl"]


def test_damage_is_one_line(folder, tmp_path, capsys):
    other = tmp_path / "other"
    subprocess.run(["cp", "-r", str(folder), str(other)], check=True)
    for garbage in (b"PK no more", b"no numbers at all", b""):
        (other / "series.npz").write_bytes(garbage)
        for command in ("show", "replay"):
            assert call([command, str(other)]) == 2
            (message,) = capsys.readouterr().err.splitlines()
            assert "series.npz: is damaged, or not of this run" in message


def test_a_run_that_was_cut_off_is_not_replayed(folder, tmp_path, capsys):
    other = tmp_path / "other"
    subprocess.run(["cp", "-r", str(folder), str(other)], check=True)
    log = other / "log.jsonl"
    log.write_text("".join(log.read_text().splitlines(keepends=True)[:40]))
    (other / "series.npz").unlink()
    assert call(["show", str(other)]) == 0
    assert "drill replay" not in capsys.readouterr().out
    assert call(["replay", str(other)]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "; only complete runs can be replayed" in output.err
