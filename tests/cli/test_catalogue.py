"""`drill catalogue` and `drill list`."""

from simulator.cli import call


def test_list_of_faults(capsys):
    assert call(["catalogue", "faults"]) == 0
    out = capsys.readouterr().out
    assert "\nmemory_leak  " in out
    assert "    build: a whole number, required. The bad build" in out


def test_description_of_a_fault(capsys):
    assert call(["catalogue", "faults", "memory_leak"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("memory_leak\n\n")
    assert "\ntarget    serving\nended by  rollback, release\nleaves    nothing\n" in out


def test_each_fault_has_its_cause_target_and_debts(capsys):
    assert call(["catalogue", "faults"]) == 0
    out = capsys.readouterr().out
    facts = "cause: data.unit_change; target: source; ended by: fix_upstream; leaves: stale_values"
    assert f"    {facts}, poisoned_model\n" in out
    facts = "cause: latency.overload; target: none; ended by: time only; leaves: nothing"
    assert f"    {facts}\n" in out
    # A target is not one of the arguments.
    assert "    target: text" not in out


def test_moves_of_a_fault(capsys):
    assert call(["catalogue", "faults", "memory_leak", "--moves"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("memory_leak\n  right      rollback target=<component>\n")
    assert "  wrong      scale replicas=<more_replicas> (no recovery)\n" in out
    assert call(["catalogue", "--moves"]) == 0
    assert "\nmemory_leak\n" in capsys.readouterr().out


def test_only_faults_have_moves(capsys):
    assert call(["catalogue", "actions", "--moves"]) == 2
    assert "only faults have moves, not actions" in capsys.readouterr().err


def test_types_of_arguments_are_in_words(capsys):
    for kind in ("faults", "actions", "monitors"):
        assert call(["catalogue", kind]) == 0
    out = capsys.readouterr().out
    for word in ("tuple[", "collections.", "(number)", "(ratio)", "(count)", "None"):
        assert word not in out


def test_measures_have_their_unit(capsys):
    assert call(["catalogue", "measures"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "    unit: seconds" in lines
    assert [line.startswith("    unit: ") for line in lines] == [False, True] * (len(lines) // 2)


def test_an_unknown_fault(capsys):
    assert call(["catalogue", "faults", "memory_leek"]) == 2
    assert capsys.readouterr().err == (
        "drill: unknown fault 'memory_leek'; did you mean 'memory_leak'? (drill catalogue faults)\n"
    )


def test_list_of_signals(capsys):
    assert call(["catalogue", "signals"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["signal", "job", "labels"]
    assert any(line.startswith("http_requests_total ") for line in lines)


def test_a_signal_that_no_shipped_pipeline_has(capsys):
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


def test_list_of_drills_and_playbooks(capsys):
    assert call(["list"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("drill ")
    assert "\nplaybook " in out
    row = next(line for line in out.splitlines() if line.startswith("slow-leak"))
    assert row.split()[1:3] == ["resources", "memory-near-limit"]
