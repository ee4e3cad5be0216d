"""Several faults from the command line: their twins, and the report of each."""

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulator.cli import call
from simulator.play import worker
from simulator.run import Run

SMALL = Path(__file__).parents[1] / "small" / "drill.yaml"
PROGRAM = "from simulator.cli import main; main()"
TWO = (
    "injects=[{id: trickle, at: 8m, fault: overload, args: {rate: 0.1/s}}, "
    "{id: slow, at: 10m, fault: slow_build, args: {build: 8, factor: 8}}]"
)
ARGS = ("run", str(SMALL), "--set", TWO, "--responder", "latency")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run with a harmless and a harmful fault."""
    folder = tmp_path_factory.mktemp("several") / "run"
    assert call([*ARGS, "--out", str(folder)]) == 1
    return folder


def test_each_fault_is_left_out_once(folder):
    assert sorted(path.name for path in (folder / "twins").iterdir()) == [
        "no-fault", "none", "without-slow", "without-trickle"]  # fmt: skip
    assert set(Run.open(folder).twins) == {path.name for path in (folder / "twins").iterdir()}


@pytest.mark.parametrize("name", ["no-fault", "none", "without-slow", "without-trickle"])
def test_a_twin_is_simulated_again_from_its_folder(folder, capsys, name):
    assert call(["replay", str(folder / "twins" / name)]) == 0
    digest = Run.open(folder / "twins" / name).digest
    assert capsys.readouterr().out.startswith(f"the same: digest {digest}, ")


def test_the_verdict_does_not_depend_on_twins(folder, tmp_path, capsys):
    assert call([*ARGS, "--no-twins", "--json", "--out", str(tmp_path / "run")]) == 1
    without_twins = json.loads(capsys.readouterr().out)
    with_twins = json.loads((folder / "scores.json").read_text())
    assert not (tmp_path / "run" / "twins").exists()
    assert [without_twins[key] for key in ("digest", "verdict", "why")] == [
        with_twins[key] for key in ("digest", "verdict", "why")
    ]
    assert without_twins["incidents"] != with_twins["incidents"]


def test_the_cause_of_an_alert_is_the_fault_it_needs(folder, capsys):
    assert call(["rules", str(folder), "--json"]) == 0
    rules = json.loads(capsys.readouterr().out)["rules"]
    causes = {rule["rule"]: {alert["because_of"] for alert in rule["alerts"]} for rule in rules}
    assert causes == {"Slow": {"slow"}, "Stale": set(), "Nulls": set()}


def test_the_scorecard_has_the_times_of_each(folder, capsys):
    call(["show", str(folder)])
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "fault impact detect mitigate recover" in lines
    assert "trickle no harm not by the end – –" in lines
    assert any(line.startswith("slow T+00:10:30 T+00:13:00 (+2 min 30 s)") for line in lines)
    assert any("slow: impact at 00:10" in line for line in lines), "the slowest fault is named"


def test_the_page_and_the_postmortem_have_them_too(folder):
    page, draft = ((folder / name).read_text() for name in ("report.html", "postmortem.md"))
    assert page.count("no harm") == 3, "in the table of faults, its own section and its rating"
    assert "| `trickle` | no harm | not by the end | not by the end | – | – |" in draft
    assert "At T+00:08:00 something changed (`trickle`) that breached no objective." in draft
    assert "something changed (`slow`) that harmed latency_p95 from T+00:10:30 on" in draft
    assert "`trickle` was not detected by the end of the drill." in draft


def test_a_folder_without_these_twins_does_not_separate_faults(folder, tmp_path, capsys):
    shutil.copytree(folder, tmp_path / "run")
    for fault in ("slow", "trickle"):
        shutil.rmtree(tmp_path / "run" / "twins" / f"without-{fault}")
    (tmp_path / "run" / "scores.json").unlink()
    call(["show", str(tmp_path / "run")])
    assert "no harm" not in capsys.readouterr().out


def test_a_failed_twin_is_reported_by_its_name(twin_cache, tmp_path, monkeypatch, capfd):
    play_twin = worker.play_twin

    def broken(setting, seed, twin, *args, **kwargs):
        if twin.name == "without-slow":
            raise OSError(28, "No space left on device")
        return play_twin(setting, seed, twin, *args, **kwargs)

    monkeypatch.setattr(worker, "play_twin", broken)
    assert call([*ARGS, "--out", str(tmp_path / "run")]) == 2
    (message,) = capfd.readouterr().err.splitlines()
    assert message == "drill: the twin 'without-slow': No space left on device"
    assert Run.open(tmp_path / "run").complete


@pytest.mark.slow
def test_an_interrupt_stops_the_twins(twin_cache, tmp_path):
    folder = tmp_path / "run"
    args = [sys.executable, "-c", PROGRAM, *ARGS, "--set", "duration=3h", "--out", str(folder)]
    with subprocess.Popen(
        args,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A background shell makes its children ignore interrupts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        path, deadline = folder / "twins" / "without-slow" / "log.jsonl", time.monotonic() + 90
        while not path.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        # Twins share the outputs: they have exited when these are closed.
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert err.splitlines() == [f"interrupted: the log until then is in {folder}/log.jsonl"]
    run = Run.open(folder)
    assert run.complete
    assert {"no-fault", "none"} <= set(run.twins)
    assert "without-slow" not in run.twins
