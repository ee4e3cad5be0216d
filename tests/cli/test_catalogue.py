"""`drill catalogue` and `drill list`."""

from simulator.cli import call


def test_the_faults(capsys):
    assert call(["catalogue", "faults"]) == 0
    output = capsys.readouterr().out
    assert "\nmemory_leak  " in output
    assert "    build: a whole number, required. The build that is bad" in output


def test_one_fault(capsys):
    assert call(["catalogue", "faults", "memory_leak"]) == 0
    output = capsys.readouterr().out
    assert output.startswith("memory_leak\n\n")
    assert "\ncause   resources.memory_leak\ntarget  serving\nleaves  nothing\n" in output


def test_of_each_fault_the_cause_what_it_bites_on_and_what_it_leaves(capsys):
    assert call(["catalogue", "faults"]) == 0
    output = capsys.readouterr().out
    assert (
        "    cause: data.unit_change; target: source; leaves: stale_values, poisoned_model\n"
        in output
    )
    assert "    cause: latency.overload; target: none; leaves: nothing\n" in output
    # A target stands beside the arguments, and not with them.
    assert "    target: text" not in output


def test_arguments_are_told_in_words(capsys):
    for kind in ("faults", "actions", "monitors"):
        assert call(["catalogue", kind]) == 0
    output = capsys.readouterr().out
    for word in ("tuple[", "collections.", "(number)", "(ratio)", "(count)", "None"):
        assert word not in output


def test_the_measures_say_their_unit(capsys):
    assert call(["catalogue", "measures"]) == 0
    output = capsys.readouterr().out
    assert output.count("    unit: seconds\n") == output.count("\n") / 2


def test_an_unknown_one(capsys):
    assert call(["catalogue", "faults", "memory_leek"]) == 2
    assert capsys.readouterr().err == (
        "drill: unknown fault 'memory_leek'; did you mean 'memory_leak'? (drill catalogue faults)\n"
    )


def test_the_signals(capsys):
    assert call(["catalogue", "signals"]) == 0
    output = capsys.readouterr().out.splitlines()
    assert output[0].split() == ["signal", "job", "labels"]
    assert any(line.startswith("http_requests_total ") for line in output)


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
    output = capsys.readouterr().out
    assert output.startswith("drill ")
    assert "\nplaybook " in output
