"""`drill export`: the alerts and series of a run in a real Prometheus."""

import json
import subprocess

import pytest
import yaml

from simulator.cli import call
from simulator.run import Run
from simulator.telemetry.openmetrics import exposition
from simulator.telemetry.store import MISSING, STALE, SeriesStore, labels_of
from tests.alerting.programs import program


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """`played(name)`: a shipped drill without a responder, played once."""
    home = tmp_path_factory.mktemp("runs")

    def played(name):
        folder = home / name
        if not folder.exists():
            command = ["run", name, "--responder", "none", "--no-twins", "--out", str(folder)]
            assert call(command) in (0, 1, 3)
        return folder

    return played


def export_test(folder, file, capsys):
    """Write a run's alerts as a promtool test; the text on the console."""
    version = subprocess.run(
        [program("promtool"), "--version"], capture_output=True, text=True, check=True
    )
    major = (version.stdout + version.stderr).split("version ")[1][0]
    capsys.readouterr()
    assert call(["export", str(folder), "--promtool", str(file), "--prometheus", major]) == 0
    return capsys.readouterr().out


def promtool_verdict(file):
    """The exit code and the output of `promtool test rules`."""
    command = [program("promtool"), "test", "rules", str(file)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout[-3000:] + ended.stderr[-3000:]


@pytest.mark.slow
def test_promtool_confirms_the_alerts_of_a_run_and_notices_another_text(played, tmp_path, capsys):
    file = tmp_path / "test.yml"
    assert "changes of alerts are the same in the test" in export_test(
        played("first-shift"), file, capsys
    )
    assert promtool_verdict(file)[0] == 0, promtool_verdict(file)[1]
    checks = yaml.safe_load(file.read_text())["tests"][0]["alert_rule_test"]
    fired = [check for check in checks if check["exp_alerts"]]
    assert {check["alertname"] for check in fired} >= {"HighLatency"}
    assert len(checks) > 100
    text = file.read_text()
    assert "99th percentile of latency is" in text
    file.write_text(text.replace("99th percentile of latency is", "the tail is"))
    assert promtool_verdict(file)[0] != 0


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.parametrize("name", ["delays-in-hours", "slow-leak"])
def test_promtool_confirms_the_alerts_of_longer_runs(played, tmp_path, capsys, name):
    export_test(played(name), tmp_path / "test.yml", capsys)
    assert promtool_verdict(tmp_path / "test.yml")[0] == 0


def test_promtool_accepts_every_sample(played, tmp_path, capsys):
    tool, file = program("promtool"), tmp_path / "run.om"
    assert call(["export", str(played("first-shift")), "--openmetrics", str(file)]) == 0
    samples = sum(not line.startswith("#") for line in file.open())
    assert f"({samples} samples)" in capsys.readouterr().out
    blocks = tmp_path / "blocks"
    command = [tool, "tsdb", "create-blocks-from", "openmetrics", str(file), str(blocks)]
    subprocess.run(command, capture_output=True, check=True)
    stored = 0
    for block in blocks.iterdir():
        meta = json.loads((block / "meta.json").read_text())
        stored += meta["stats"]["numSamples"]
    assert stored == samples


def test_series_keep_their_types_and_their_calendar():
    store = SeriesStore()
    series = [
        labels_of(__name__="t_bucket", le="+Inf"),
        labels_of(__name__="t_bucket", le="0.5"),
        labels_of(__name__="t_sum"),
        labels_of(__name__="t_count"),
        labels_of(__name__="hits_total", path='a"\\b\n'),
        labels_of(__name__="m_info", version="7"),
        labels_of(__name__="up"),
    ]
    table = store.table("a", series)
    table.append(-1_500, [2, 1, 0.7, 2, 9, 1, 1])
    table.append(0, [3, 1, 0.9, 3, 9, STALE, float("nan")])
    table.append(15_000, [MISSING] * 6 + [float("-inf")])
    assert "".join(exposition(store, 1_000_000)).splitlines() == [
        "# TYPE hits counter",
        'hits_total{path="a\\"\\\\b\\n"} 9.0 998.500',
        'hits_total{path="a\\"\\\\b\\n"} 9.0 1000.000',
        "# TYPE m info",
        'm_info{version="7"} 1.0 998.500',
        "# TYPE t histogram",
        't_bucket{le="0.5"} 1.0 998.500',
        't_bucket{le="0.5"} 1.0 1000.000',
        't_bucket{le="+Inf"} 2.0 998.500',
        't_bucket{le="+Inf"} 3.0 1000.000',
        "t_count 2.0 998.500",
        "t_count 3.0 1000.000",
        "t_sum 0.7 998.500",
        "t_sum 0.9 1000.000",
        "# TYPE up gauge",
        "up 1.0 998.500",
        "up NaN 1000.000",
        "up -Inf 1015.000",
        "# EOF",
    ]


def test_nothing_to_write_is_an_error(tmp_path, capsys):
    assert call(["export", str(tmp_path)]) == 2
    assert "specify --openmetrics FILE" in capsys.readouterr().err
    assert call(["export", str(tmp_path), "--openmetrics", str(tmp_path / "x.om")]) == 2
    assert "not a run's folder" in capsys.readouterr().err


@pytest.mark.slow
def test_the_run_is_not_changed(played, tmp_path):
    folder = played("first-shift")
    before = Run.open(folder).digest
    assert call(["export", str(folder), "--promtool", str(tmp_path / "t.yml")]) == 0
    assert Run.open(folder).digest == before


def test_it_has_an_example(capsys):
    assert call(["export", "--help"]) == 0
    assert "Example: drill export" in capsys.readouterr().out
