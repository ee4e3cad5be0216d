"""Parts beyond the end of a drill get a warning with line and column, and block no run."""

from pathlib import Path

import pytest

from simulator.cli import call

QUEUE = Path(__file__).parents[1] / "oracles" / "queue.yaml"
JOB = "label-join: {kind: job, does: label_join, every: 1h, duration: 20s}"


@pytest.fixture
def warnings_after(tmp_path, capsys):
    for name in ("queue-alerts.yml", "queue-alertmanager.yml"):
        (tmp_path / name).write_text((QUEUE.parent / name).read_text())

    def warnings_after(old, new):
        text = QUEUE.read_text()
        assert old in text
        (tmp_path / "queue.yaml").write_text(text.replace(old, new))
        assert call(["check", str(tmp_path / "queue.yaml")]) == 0
        lines = [line.partition(": warning: ")[2] for line in capsys.readouterr().err.splitlines()]
        return [line.removeprefix("pipeline.") for line in lines]

    return warnings_after


def test_parts_before_the_end_get_no_warning(warnings_after):
    assert warnings_after("name: queue", "name: queue") == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("80/s", "80/s, bursts: [{at: 5h, lasts: 5m, factor: 2}]", "traffic.bursts[0].at: given '5h', but the drill ends at 15m: it never happens"),
        ("80/s", "80/s, trace: {at: 15m, every: 1s, counts: [5]}", "traffic.trace.at: given '15m', but the drill ends at 15m: it never happens"),
        (JOB, JOB.replace("every: 1h", "cron: '30 12 * * *'"), "stages.label-join.cron: never due before the drill ends at 15m"),
        (JOB, JOB.replace("every: 1h", "daily_at: '11:54'"), "stages.label-join.daily_at: never due before the drill ends at 15m"),
        (JOB, JOB.replace("20s}", "20s, needs: [serving], sensor: {timeout: 1m, poke: 2m}}"), "stages.label-join.sensor.timeout: given '1m', below poke (2m): it pokes only once"),
    ],
)  # fmt: skip
def test_parts_after_the_end(warnings_after, old, new, line):
    assert warnings_after(old, new) == [line]
