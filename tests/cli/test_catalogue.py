"""`drill catalogue` and `drill list`."""

from simulator.cli import call


def test_the_faults(capsys):
    assert call(["catalogue", "faults"]) == 0
    said = capsys.readouterr().out
    assert "\nmemory_leak  " in said
    assert "    build: whole number, required. The build that is bad" in said


def test_one_fault(capsys):
    assert call(["catalogue", "faults", "memory_leak"]) == 0
    assert capsys.readouterr().out.startswith("memory_leak\n\n")


def test_an_unknown_one(capsys):
    assert call(["catalogue", "faults", "memory_leek"]) == 2
    assert capsys.readouterr().err == (
        "drill: unknown fault 'memory_leek'; did you mean 'memory_leak'? (drill catalogue faults)\n"
    )


def test_the_signals(capsys):
    assert call(["catalogue", "signals"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].split() == ["signal", "job", "labels"]
    assert any(line.startswith("http_requests_total ") for line in said)


def test_one_signal_of_a_system_that_no_shipped_pipeline_has(capsys):
    assert call(["catalogue", "signals", "nv_inference_count"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "nv_inference_count  triton  model, version"
    ]


def test_an_unknown_signal(capsys):
    assert call(["catalogue", "signals", "nv_inference_coun"]) == 2
    assert capsys.readouterr().err == (
        "drill: unknown signal 'nv_inference_coun'; did you mean 'nv_inference_count'? "
        "(drill catalogue signals)\n"
    )


def test_the_list(capsys):
    assert call(["list"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("drill ")
    assert "\nplaybook " in said
