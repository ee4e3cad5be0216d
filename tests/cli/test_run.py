"""`drill run`: exit codes, files, and errors outside of the drill."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulator.cli import call
from simulator.run import Log, Run
from simulator.run import folder as run_folder

SMALL = Path(__file__).parents[1] / "small" / "drill.yaml"
PROGRAM = "from simulator.cli import main; main()"
SLOW = "injects=[{id: slow, at: 10m, fault: slow_build, args: {build: 8, factor: 8}}]"


@pytest.fixture
def drill(tmp_path, monkeypatch, capsys):
    """Run the small drill; returns the exit code, and the lines of both outputs."""
    monkeypatch.chdir(tmp_path)

    def drill(*args, scenario=str(SMALL)):
        code = call(["run", scenario, *args])
        output = capsys.readouterr()
        return code, output.out.splitlines(), output.err.splitlines()

    return drill


def test_a_drill_that_holds_is_passed(drill, tmp_path):
    code, out, err = drill()
    assert (code, err) == (0, [])
    folder = tmp_path / "reports" / "small-1"
    assert out[-2:] == [
        f"again   drill run {SMALL} --seed 1", "replay  drill replay reports/small-1"
    ]  # fmt: skip
    assert {file.name for file in folder.iterdir()} == {
        "log.jsonl", "series.npz", "inputs", "twins", "scores.json", "report.html", "postmortem.md"}  # fmt: skip
    assert Run.open(folder).complete


def test_a_fault_without_a_response_fails(drill):
    code, out, _ = drill("--set", SLOW, "--responder", "none", "--no-twins")
    assert code == 1
    assert any("FAILED" in line for line in out)


def test_a_fault_that_never_lands_makes_it_invalid(drill):
    code, out, _ = drill("--set", SLOW.replace("build: 8", "build: 9"), "--no-twins")
    assert code == 3
    assert any("slow never landed: no pod of build 9" in line for line in out)


def test_json_is_scores_json_and_nothing_else(drill, tmp_path):
    code, out, err = drill("--json", "--set", SLOW, "--out", "here")
    assert (code, err) == (1, [])
    text = (tmp_path / "here" / "scores.json").read_text()
    assert "\n".join(out) + "\n" == text
    assert json.loads(text)["verdict"] == "fail"
    assert not (tmp_path / "here" / "report.html").exists()


def test_a_report_that_was_left_out_is_written_later(drill, tmp_path):
    code, out, _ = drill("--no-report", "--no-twins", "--set", "duration=15m", "--out", "here")
    assert code == 0
    assert not any(line.startswith("report") for line in out)
    page = tmp_path / "here" / "report.html"
    assert not page.exists()
    assert not (tmp_path / "here" / "postmortem.md").exists()
    assert call(["show", "here", "--html"]) == 0
    assert page.exists()


def test_marks_that_need_a_twin_are_null_without_twins(drill, tmp_path):
    code, out, _ = drill("--json", "--no-twins", "--set", SLOW, "--out", "here")
    assert code == 1
    assert not (tmp_path / "here" / "twins").exists()
    (incident,) = json.loads("\n".join(out))["incidents"]
    marks = incident["marks_seconds"]
    assert marks["impact"] is None
    assert marks["alert"] is None
    assert marks["landed"] is not None


def test_another_seed_has_another_folder(drill, tmp_path):
    digests = []
    for seed in ("1", "2"):
        code, out, _ = drill("--seed", seed, "--no-twins", "--json", "--set", "duration=15m")
        assert code == 0
        digests.append(json.loads("\n".join(out))["digest"])
    assert digests[0] != digests[1]
    assert {folder.name for folder in (tmp_path / "reports").iterdir()} == {"small-1", "small-2"}


# -- nothing is lost -------------------------------------------------------------------------


def test_a_folder_that_holds_a_run_is_not_overwritten(drill, tmp_path):
    args = ("--no-twins", "--set", "duration=15m", "--out", "here")
    assert drill(*args)[0] == 0
    before = (tmp_path / "here" / "log.jsonl").read_bytes()
    code, out, err = drill(*args, "--seed", "2")
    assert (code, out) == (2, [])
    assert err == [
        "drill: here: contains a run; replace it with --force, or choose another with --out"
    ]
    assert (tmp_path / "here" / "log.jsonl").read_bytes() == before
    for wrong in (["--responder", "nobody"], ["--set", "tick=7s"], ["--seed", "x"]):
        assert drill(*args, "--force", *wrong)[0] == 2
        assert (tmp_path / "here" / "log.jsonl").read_bytes() == before
    assert drill(*args, "--seed", "2", "--force")[0] == 0
    assert (tmp_path / "here" / "log.jsonl").read_bytes() != before


def test_a_folder_with_other_files_is_never_emptied(drill, tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "thesis.tex").write_text("years of work")
    code, _, err = drill("--out", "here", "--force")
    assert code == 2
    assert len(err) == 1
    assert (tmp_path / "here" / "thesis.tex").read_text() == "years of work"


@pytest.mark.parametrize("out", ["file/run", "file"])
def test_a_folder_that_cannot_be_made_is_one_line(drill, tmp_path, out):
    (tmp_path / "file").write_text("x")
    code, lines, err = drill("--no-twins", "--out", out)
    assert (code, lines) == (2, [])
    assert len(err) == 1
    assert "file" in err[0]


def disk_full(*args, **kwargs):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("where", ["log", "series", "report"])
def test_a_full_disk_is_one_line(drill, tmp_path, monkeypatch, where):
    if where == "log":
        write = Log.write

        def write_or_fail(log, event):
            return disk_full() if event.t > 12 * 60_000 and log._file else write(log, event)

        monkeypatch.setattr(Log, "write", write_or_fail)
    elif where == "series":
        monkeypatch.setattr(run_folder.np, "savez_compressed", disk_full)
    else:
        monkeypatch.setattr("simulator.report.html.write", disk_full)
    code, _, err = drill("--set", SLOW, "--out", "here")
    assert code == 2
    assert len(err) == 1
    assert "No space left on device" in err[0]
    # The log until then can be read.
    assert len(Run.open(tmp_path / "here").events) > 5


@pytest.fixture
def mounted(tmp_path):
    """`mounted("size=64k")`: a new disk; skips the test if mounting is not permitted."""
    disk = tmp_path / "disk"
    disk.mkdir()

    def mounted(options):
        mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)]
        if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
            pytest.skip("only root may mount")
        return disk

    yield mounted
    if disk.is_mount():
        subprocess.run(["umount", str(disk)], check=True)


def program(*args):
    """The command in its own process."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *args], capture_output=True, text=True, check=False
    )


def test_a_read_only_disk_is_one_line(mounted):
    folder = mounted("ro") / "run"
    result = program("run", str(SMALL), "--out", str(folder))
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"drill: {folder}: Read-only file system\n"


@pytest.mark.parametrize(
    "size", ["64k", *(pytest.param(size, marks=pytest.mark.slow) for size in ("16k", "224k"))]
)
def test_a_disk_that_is_really_full_is_one_line(mounted, size):
    """The smallest is full before the run, the middle one during it, the largest after it."""
    folder = mounted(f"size={size}") / "run"
    result = program("run", str(SMALL), "--set", SLOW, "--out", str(folder))
    assert result.returncode == 2
    # The scorecard is printed before the report is written.
    assert ("FAILED" in result.stdout) == (size == "224k")
    assert size == "224k" or not result.stdout
    assert result.stderr.count("\n") == 1
    assert "No space left on device" in result.stderr
    assert size == "16k" or result.stderr.endswith(f"is in {folder / 'log.jsonl'}\n")
    assert not list(folder.rglob("*.part"))


# -- cut off ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signum", "twins"),
    [(signal.SIGINT, ()), (signal.SIGTERM, ("--no-twins",))],
    ids=["interrupted", "terminated"],
)
def test_a_run_that_is_cut_off_leaves_a_log(tmp_path, capsys, signum, twins):
    folder = tmp_path / "run"
    # Long enough to interrupt.
    long = ["--set", "duration=8h", "--set", "tick=1s", "--set", "history=1h"]
    args = [sys.executable, "-c", PROGRAM, "run", str(SMALL), "--out", str(folder), *long, *twins]
    with subprocess.Popen(
        args,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A background shell makes its children ignore interrupts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        lines, deadline = 0, time.monotonic() + 60
        while lines < 8 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
            path = folder / "log.jsonl"
            lines = path.read_bytes().count(b"\n") if path.exists() else 0
        process.send_signal(signum)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, (out, err)
    assert err.splitlines() == [f"interrupted: the log until then is in {folder}/log.jsonl"]
    run = Run.open(folder)
    assert run.events[-1].kind == "interrupted"
    assert not run.complete
    assert len(run.truth_times) > 0
    assert call(["show", str(folder)]) in (0, None)
    assert "interrupted" in capsys.readouterr().out
    assert call(["replay", str(folder)]) == 2
    assert "interrupted after" in capsys.readouterr().err


def test_a_run_that_is_killed_can_be_shown(tmp_path, capsys):
    folder = tmp_path / "run"
    assert (
        call(["run", str(SMALL), "--out", str(folder), "--no-twins", "--set", "duration=15m"]) == 0
    )
    for name in ("series.npz", "scores.json", "report.html", "postmortem.md"):
        (folder / name).unlink()
    path = folder / "log.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    capsys.readouterr()
    assert call(["show", str(folder)]) in (0, None)
    assert "Traceback" not in capsys.readouterr().err


# -- names -----------------------------------------------------------------------------------


def test_an_unknown_scenario_gets_a_suggestion(drill):
    code, out, err = drill(scenario="first-shfit")
    assert (code, out) == (2, [])
    assert err == [
        "first-shfit: no scenario 'first-shfit'; did you mean 'first-shift'? (drill list)"
    ]


def test_an_unknown_playbook_gets_a_suggestion(drill, tmp_path):
    code, _, err = drill("--responder", "latncy")
    assert code == 2
    assert len(err) == 1
    assert "did you mean 'latency'?" in err[0]
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("objectives.acuracy.min=0.8", "did you mean 'accuracy'"),
        ("duration", "expected PATH=VALUE"),
        ("duration=soon", "duration"),
        ("injects=[{at: 5m, fault: slow_buidl}]", "did you mean 'slow_build'"),
        (
            "injects=[{at: 5m, fault: unit_change, args: {feature: region, factor: 2.0}}]",
            "numeric column",
        ),
    ],
)
def test_a_wrong_override_is_one_line(drill, tmp_path, text, message):
    code, out, err = drill("--set", text)
    assert (code, out) == (2, [])
    assert message in "\n".join(err)
    assert "Traceback" not in "\n".join(err)
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize("seed", ["-1", "x", "1.5", str(2**31)])
def test_a_seed_is_a_whole_number(drill, seed):
    code, _, err = drill("--seed", seed)
    assert code == 2
    assert "--seed" in err[-1]
