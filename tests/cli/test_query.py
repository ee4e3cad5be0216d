"""`drill query`: PromQL over the series of a past run."""

import json
import re
import shutil
from pathlib import Path

import pytest

from simulator.cli import call
from simulator.cli.moments import parse_moments
from simulator.run import Run
from simulator.telemetry.store import SeriesStore
from tests.small.playing import SLOW

SMALL = Path(__file__).parents[1] / "small"
NOON = 1773057600  # the small drill starts then, in seconds since 1970
HOUR = 3_600_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run of a small drill: a slow build from 0:10 on, and nobody answers."""
    home = tmp_path_factory.mktemp("query")
    for file in SMALL.glob("*.y*ml"):
        (home / file.name).write_text(file.read_text())
    drill = home / "drill.yaml"
    drill.write_text(drill.read_text() + f"injects: {json.dumps([SLOW])}\n")
    played = home / "run"
    command = ["run", str(drill), "--responder", "none", "--no-twins", "--out", str(played)]
    assert call(command) in (0, 1, 3)
    return played


@pytest.fixture
def query(folder, capsys):
    """`query(promql, *options)`: the lines on standard output."""

    def query(promql, *options):
        capsys.readouterr()
        assert call(["query", str(folder), promql, *options]) == 0
        return capsys.readouterr().out.splitlines()

    return query


@pytest.fixture
def refused(folder, capsys):
    """`refused(promql, *options)`: the text on standard error; the exit code is 2."""

    def refused(promql, *options, run=folder):
        capsys.readouterr()
        assert call(["query", str(run), promql, *options]) == 2
        output = capsys.readouterr()
        assert output.out == ""
        return output.err

    return refused


def as_json(query, *arguments):
    return json.loads("\n".join(query(*arguments, "--json")))


# -- an instant --------------------------------------------------------------------------------


def test_a_single_series_is_a_line(query):
    assert query('up{job="kserve"}', "--at", "0:20") == [
        "T+00:20:00", "", 'up{instance="kserve:9090", job="kserve"}  1',
    ]  # fmt: skip


def test_several_series_are_a_table_in_the_order_of_their_labels(query):
    when, common, empty, head, *rows = query("http_requests_total")
    assert when == "T+00:30:00; 4 series"
    assert common.startswith("http_requests_total{")
    assert "code" not in common
    assert (empty, head.split()) == ("", ["code", "value"])
    assert [row.split()[0] for row in rows] == ["200", "500", "503", "504"]


def test_a_query_that_sorts_keeps_its_order(query):
    rows = query("sort_desc(http_requests_total)")[4:]
    assert rows[0].split()[0] == "200"
    values = [float(row.split()[1]) for row in query("sort(http_requests_total)")[4:]]
    assert values == sorted(values)
    assert values[0] < values[-1]


def test_scalars_and_strings_are_printed_alone(query):
    assert query("1 / 0") == ["+Inf"]
    assert query('"text"') == ["text"]
    assert query("time()", "--at", "10m") == [str(NOON + 600)]


def test_json_is_the_data_of_the_http_api(query):
    assert as_json(query, 'sum(up{job="kserve"}) / 4', "--at", "0:10") == {
        "resultType": "vector",
        "result": [{"metric": {}, "value": [NOON + 600, "0.25"]}],
    }
    assert as_json(query, "vector(0) / 0", "--range", "0:10-0:11", "--step", "30s") == {
        "resultType": "matrix",
        "result": [
            {
                "metric": {},
                "values": [[NOON + 600, "NaN"], [NOON + 630, "NaN"], [NOON + 660, "NaN"]],
            }
        ],
    }


def test_a_time_can_be_written_as_the_timeline_does(query):
    texts = ["0:10:30", "T+00:10:30", "+0:10:30", "10m30s", "630s"]
    assert {query("time()", "--at", text)[0] for text in texts} == {str(NOON + 630)}
    assert query("time()", "--at", "-1:00") == [str(NOON - 3600)]


# -- a range -----------------------------------------------------------------------------------


def test_a_range_is_a_chart_and_a_table_over_time(query):
    lines = query("sum by (code) (http_requests_total)", "--range", "0:05-0:25", "--step", "5m")
    assert lines[0] == "T+00:05:00 to T+00:25:00, every 5m; 4 series"
    chart = [line.split() for line in lines[3:7]]
    assert [row[0] for row in chart] == ["200", "500", "503", "504"]
    assert chart[0][1:5] == [chart[0][2], chart[0][2], chart[0][4], chart[0][4]]  # a counter
    assert chart[0][5][0] == "▁"
    assert chart[0][5][-1] == "█"
    assert len(chart[0][5]) == 5
    table = [line.split() for line in lines[8:]]
    assert table[0] == ["time", "200", "500", "503", "504"]
    assert [row[0] for row in table[1:]] == [f"T+00:{minute:02d}:00" for minute in range(5, 26, 5)]


def test_the_chart_has_every_scrape_and_the_table_fits_on_a_page(query):
    lines = query("sum(up)", "--range", "0:00-0:30")
    assert lines[0] == "T+00:00:00 to T+00:30:00, every 15s"
    assert len([line for line in lines if line.startswith("T+00:")]) == 32  # with the heading


def test_of_many_series_only_the_chart_is_printed(query):
    lines = query('{__name__=~"up|ml_.*"}', "--range", "0:10-0:20")
    assert not any(line.startswith("time") for line in lines)
    assert len(lines) > 6 + 3


def test_a_series_has_gaps_where_it_has_no_sample(query):
    lines = query("ALERTS", "--range", "0:00-0:30", "--step", "5m")
    rows = [line.split() for line in lines if line.startswith("T+00:") and ";" not in line]
    assert set(rows[1][1:]) == {"-"}  # before the fault
    assert "1" in rows[-1]


def test_a_range_selector_shows_the_samples_with_their_times(query):
    lines = query('up{job="kserve"}[1m]', "--at", "0:20")
    assert lines[-4:] == [f"T+00:{time}      1" for time in ("19:15", "19:30", "19:45", "20:00")]


# -- nothing, and errors -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("promql", "reason"),
    [
        ("http_request_total", "there is no metric 'http_request_total'; "
         "did you mean 'http_requests_total'?"),
        ('rate(up{jobb="x"}[5m])', "up has no label 'jobb'; did you mean 'job'?"),
        ("zzzz", "there is no metric 'zzzz'; list all with 'count by (__name__) "
         "({__name__!=\"\"})'"),
        ("up > 1", "there are such series; the query compares or matches them away"),
    ],
)  # fmt: skip
def test_nothing_has_a_reason(query, promql, reason):
    assert query(promql) == ["nothing", f"  {reason}"]


def test_a_series_of_another_time_is_named_with_its_times(query):
    (_, reason) = query("ALERTS", "--at", "0:05")
    assert re.search(r"ALERTS has no sample then; it has samples from T\+00:1", reason)


@pytest.mark.parametrize(
    ("promql", "message"),
    [
        ("sum(up) of 5", "1:9: unexpected 'of'\n  sum(up) of 5\n          ^\n"),
        ("sum(up", "1:4: '(' is not closed\n  sum(up\n     ^\n"),
        ("up +", "1:5: the query is not complete\n  up +\n      ^\n"),
        ("1 +\nrat(up[5m])", "2:1: unknown function with name 'rat'; did you mean 'rate'?\n"
         "  rat(up[5m])\n  ^\n"),
        ("up and 1", "1:4: set operator 'and' not allowed in binary scalar expression\n"
         "  up and 1\n     ^\n"),
    ],
)  # fmt: skip
def test_a_wrong_query_is_marked_at_its_place(refused, promql, message):
    assert refused(promql) == f"drill: {message}"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--at", "70"], "'70' is not a time of the drill; write H:MM"),
        (["--at", "0:70"], "'0:70' is not a time"),
        (["--at", "2:00"], "2:00: the drill ended at T+00:30:00"),
        (["--range", "0:10"], "'0:10' is not TIME-TIME"),
        (["--range", "0:20-0:10"], "ends before it begins"),
        (["--range", "0:10-0:20", "--step", "0s"], "it must be above 0"),
        (["--range", "0:10-0:20", "--step", "5"], "'5' is not a duration"),
        (["--range", "0:00-0:30", "--step", "100ms"], "exceeded maximum resolution"),
        (["--at", "0:10", "--range", "0:10-0:20"], "--at and --range exclude each other"),
        (["--step", "15s"], "--step needs --range"),
    ],
)
def test_wrong_times_are_explained(refused, options, message):
    assert message in refused("up", *options)


def test_a_string_has_no_range(refused):
    assert 'invalid expression type "string" for range query' in refused(
        '"text"', "--range", "0:10-0:20"
    )


def test_a_drill_is_no_run(refused):
    message = "first-shift: not a run's folder: it has no log.jsonl; it is a drill; play it with"
    assert message in refused("up", run="first-shift")


def test_a_killed_run_has_no_series(refused, folder, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(folder, run)
    (run / "series.npz").unlink()
    (run / "log.jsonl").write_bytes((folder / "log.jsonl").read_bytes()[:-900])
    assert "has no series, because the run was interrupted" in refused("up", run=run)


def test_only_scraped_series_can_be_queried(folder, query):
    store = SeriesStore.from_arrays(Run.open(folder).series)
    names = {dict(labels)["__name__"] for t in store.tables.values() for labels in t.series}
    rows_apart = {line.split()[0] for line in query('count by (__name__) ({__name__!=""})')[3:]}
    assert rows_apart <= names
    assert not any("truth" in name or "latency_p95" in name for name in names)


def test_the_folder_of_a_twin_works_as_well(folder, tmp_path, capsys):
    twin = tmp_path / "run" / "twins" / "none"
    shutil.copytree(folder / "inputs", tmp_path / "run" / "inputs")
    twin.mkdir(parents=True)
    for name in ("log.jsonl", "series.npz"):
        shutil.copy(folder / name, twin)
    assert call(["query", str(twin), "vector(7)"]) == 0
    assert capsys.readouterr().out == "T+00:30:00\n\n{}  7\n"


# -- times -------------------------------------------------------------------------------------


def test_a_long_range_has_a_coarser_step():
    moments = parse_moments(None, "-24h-4h", None, 4 * HOUR, 15_000)
    assert (moments.start, moments.end) == (-24 * HOUR, 4 * HOUR)
    assert len(moments.grid) <= 1501
    assert moments.step % 15_000 == 0 == moments.row_step % moments.step


def test_it_has_an_example(capsys):
    assert call(["query", "--help"]) == 0
    assert "Example: drill query" in capsys.readouterr().out
