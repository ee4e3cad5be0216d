"""`drill grade`: a run graded again from its folder alone."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.analysis import Timeline
from simulator.cli import call
from simulator.cli.scores_schema import scores_schema
from simulator.run import Run
from simulator.score import grade
from simulator.score.named_grade import read_grade
from tests.analysis.story import answered
from tests.cli.json_schema import schema_errors
from tests.cli.test_replay import INJECTS, SMALL

STRICT = """extends: default
name: strict
weights: {detection: 0.5, diagnosis: 0, mitigation: 0, recovery: 0, acknowledgement: 0.06,
          escalation: 0.14, safety: 0.08, conformance: 0.14, communication: 0.06}
"""
NOTES = """observations: 1
by: Kim
items:
  - {time: "00:12", capability: acknowledgement, text: nobody said so aloud, rating: M}
  - {time: 14m, task: hand over, text: it went well, rating: P, by: Ana}
  - {text: the room was loud}
"""


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """A run with its twins, in which a playbook rolled back a slow build."""
    folder = tmp_path_factory.mktemp("grade") / "run"
    call(["run", str(SMALL), "--out", str(folder), "--seed", "7", "--responder", "latency",
          "--set", INJECTS])  # fmt: skip
    return folder


@pytest.fixture
def run(played, tmp_path, monkeypatch):
    """A copy of it, as `run` in the working directory."""
    shutil.copytree(played, tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "run"


@pytest.fixture
def drill(capsys):
    """The exit code and both outputs of a command."""

    def drill(*args):
        capsys.readouterr()
        code = call([str(arg) for arg in args])
        output = capsys.readouterr()
        return code, output.out, output.err

    return drill


def test_a_regrade_equals_the_grade(run, drill):
    own = (run / "scores.json").read_text()
    code, printed, _ = drill("grade", "run", "--json")
    assert printed == own
    assert code == {"pass": 0, "fail": 1, "invalid": 3}[json.loads(own)["verdict"]]
    assert read_grade(Run.open(run), "default").scores == grade(Timeline(Run.open(run)))
    assert (run / "scores.json").read_text() == own


def test_show_prints_what_the_file_has(run, drill):
    assert drill("show", "run", "--json")[1] == (run / "scores.json").read_text()


def test_the_scores_are_as_their_schema_says(run):
    schema = scores_schema()
    scores = json.loads((run / "scores.json").read_text())
    assert list(schema_errors(scores, schema, schema)) == []
    scores["measures"]["time_to_detect"]["value"] = "soon"
    del scores["digest"]
    assert len(list(schema_errors(scores, schema, schema))) == 2


def test_other_weights_change_the_index_as_arithmetic_says(run, drill):
    Path("strict.yaml").write_text(STRICT)
    before = json.loads((run / "scores.json").read_text())
    after = json.loads(drill("grade", "run", "--rubric", "strict.yaml", "--json")[1])
    values = {
        name: of["value"] for name, of in after["capabilities"].items() if of["value"] is not None
    }
    weights = {"detection": 0.5, "acknowledgement": 0.06, "escalation": 0.14, "safety": 0.08,
               "conformance": 0.14, "communication": 0.06, "documentation": 0.02}  # fmt: skip
    shares = {name: weights.get(name, 0.0) for name in values}
    expected = sum(shares[name] * values[name] for name in values) / sum(shares.values())
    assert after["index"] == pytest.approx(100 * expected, abs=0.006)
    assert after["capabilities"] == before["capabilities"]
    assert (after["rubric"], after["verdict"]) == ("strict", before["verdict"])


def test_the_verdict_needs_no_twins(run, drill):
    own = json.loads((run / "scores.json").read_text())
    shutil.rmtree(run / "twins")
    alone = json.loads(drill("grade", "run", "--json")[1])
    assert (alone["verdict"], alone["why"]) == (own["verdict"], own["why"])
    assert alone["index"] is None
    assert "without the twins" in alone["index_why"]


def test_the_rubric_of_the_drill_is_the_default_one(tmp_path, drill, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("strict.yaml").write_text(STRICT)
    call(["run", str(SMALL), "--no-twins", "--set", "duration=20m", "--set", "rubric=strict.yaml",
          "--out", "run", "--responder", "none"])  # fmt: skip
    Path("strict.yaml").unlink()
    drill("grade", "run", "--json")
    own = json.loads(Path("run/scores.json").read_text())
    assert own["rubric"] == "strict"
    assert json.loads(Path("run/grades/strict.json").read_text())["scores"] == own
    Path("run/scores.json").unlink()  # as after an interruption
    assert json.loads(drill("show", "run", "--json")[1]) == own


def test_grades_are_kept_by_their_names(run, drill):
    Path("strict.yaml").write_text(STRICT)
    assert drill("grade", "run", "--rubric", "strict.yaml")[0] != 2
    kept = (run / "grades" / "strict.json").read_text()
    code, _, error = drill("grade", "run", "--rubric", "strict.yaml")
    assert (code, error) == (
        2, "drill: run/grades/strict.json: exists; replace it with --force, or choose --name\n"
    )  # fmt: skip
    drill("grade", "run", "--rubric", "strict.yaml", "--name", "later")
    # Without any rubric a grade that is replaced keeps its own.
    Path("strict.yaml").unlink()
    drill("grade", "run", "--name", "strict", "--force")
    assert (run / "grades" / "strict.json").read_text() == kept
    listed = json.loads(drill("grade", "run", "--list", "--json")[1])
    assert [(row["grade"], row["rubric"]) for row in listed] == [
        ("(scores.json)", "default"), ("later", "strict"), ("strict", "strict"),
    ]  # fmt: skip
    assert json.loads(kept)["scores"] == json.loads(
        drill("show", "run", "--grade", "strict", "--json")[1]
    )


def test_a_person_rates_beside_the_machine(run, drill):
    Path("kim.yaml").write_text(NOTES)
    before = json.loads((run / "scores.json").read_text())
    after = json.loads(drill("grade", "run", "--observe", "kim.yaml", "--json")[1])
    notes = after.pop("observed")
    assert before.pop("observed") == []
    assert after == before
    assert [(note["by"], note["rating"], note["t_seconds"]) for note in notes] == [
        ("Kim", "M", 720.0), ("Ana", "P", 840.0), ("Kim", None, None)
    ]  # fmt: skip
    assert (run / "grades" / "default-kim.json").is_file()
    schema = scores_schema()
    assert list(schema_errors({**after, "observed": notes}, schema, schema)) == []


def test_observations_are_told_where_they_are_wrong(run, drill):
    wrong = NOTES.replace("by: Kim\n", "").replace("acknowledgement", "acknowledgment")
    wrong = wrong.replace('"00:12"', "noon").replace("rating: P", "rating: A")
    Path("kim.yaml").write_text(wrong + "  - {by: Kim, text: so so, rating: S}\n")
    for command in (("grade", "run", "--observe", "kim.yaml"), ("check", "kim.yaml")):
        code, _, error = drill(*command)
        assert code == 2
        lines = error.splitlines()
        assert lines[0].startswith("kim.yaml:3:12: items[0].time: 'noon' is not a time since")
        assert "did you mean 'acknowledgement'?" in lines[1]
        assert "items[1].rating: unknown 'A'; expected one of P, S, M, U" in lines[2]
    Path("kim.yaml").write_text("observations: 1\nitems:\n  - {text: so so, rating: S}\n")
    assert (
        drill("check", "kim.yaml")[2]
        .splitlines()[0]
        .startswith("kim.yaml:3:27: items[0].rating: rates nothing")
    )
    Path("kim.yaml").write_text("observations: 1\nitems:\n  - {text: so so}\n")
    assert "items[0]: expected `by`" in drill("check", "kim.yaml")[2]
    Path("kim.yaml").write_text(NOTES.replace("00:12", "30:00"))
    assert drill("check", "kim.yaml")[0] == 0, "it knows no drill"
    code, _, error = drill("grade", "run", "--observe", "kim.yaml")
    assert "kim.yaml:4:12: items[0].time: given 30:00, after the end of the drill" in error
    assert not (run / "grades").exists()


def test_a_grade_of_another_run_is_refused(run, tmp_path, drill):
    drill("grade", "run")
    (tmp_path / "other" / "grades").mkdir(parents=True)
    answered().run(folder=tmp_path / "other")
    shutil.copy(run / "grades" / "default.json", tmp_path / "other" / "grades")
    for command in (("grade", "other", "--list"), ("show", "other", "--grade", "default"),
                    ("grade", "other", "--name", "default", "--force")):  # fmt: skip
        code, _, error = drill(*command)
        assert code == 2
        assert error.startswith("drill: other/grades/default.json: a grade of another run: digest")
        assert error.count("\n") == 1


def test_an_edited_run_says_so(run, drill):
    log = run / "log.jsonl"
    log.write_bytes(log.read_bytes().replace(b'"rollback"', b'"restart"', 1))
    assert drill("grade", "run") == (
        2, "", "drill: run/log.jsonl: was edited: it differs from its seal\n"
    )  # fmt: skip


def test_wrong_names(run, drill):
    assert "is not a name" in drill("grade", "run", "--name", "../x")[2]
    assert (
        "no rubric 'defalt'; did you mean 'default'?"
        in drill("grade", "run", "--rubric", "defalt")[2]
    )
    assert (
        drill("show", "run", "--grade", "x")[2] == "drill: run: has no grade 'x'; there are none\n"
    )
    drill("grade", "run")
    assert "did you mean 'default'?" in drill("show", "run", "--grade", "defalt")[2]
    (run / "grades" / "default.json").write_text("{")
    assert "default.json: is damaged" in drill("show", "run", "--grade", "default")[2]


def test_a_grade_takes_less_than_a_second(run):
    """Of CPU, with the imports: of the interpreter's children, so that no other work counts."""
    program = (
        "import resource, subprocess, sys\n"
        "subprocess.run([sys.executable, '-c', sys.argv[1], 'grade', 'run', '--force'])\n"
        "of = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(of.ru_utime + of.ru_stime)\n"
    )
    drill = "import sys; from simulator.cli import main; sys.argv[0] = 'drill'; main()"
    environment = {"PATH": "", "PYTHONPATH": str(Path(__file__).parents[2])}
    times = [
        float(
            subprocess.run(
                [sys.executable, "-c", program, drill], cwd=run.parent, env=environment,
                capture_output=True, text=True, check=True,
            ).stdout.splitlines()[-1]
        )
        for _ in range(3)
    ]  # fmt: skip
    assert min(times) < 1.0, times
