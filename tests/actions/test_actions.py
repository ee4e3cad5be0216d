"""What orders do to the world: they take time, can fail, and can do harm."""

import numpy as np
import pytest
from pydantic import ValidationError

from simulator.actions import ACTIONS
from simulator.pipeline.world import ABSENT, READY
from simulator.run.events import ActionEvent, LineEvent, MessageEvent, NotificationEvent
from tests.small.playing import (
    LATE,
    MINUTE,
    NULLS,
    SLOW,
    action_outcomes,
    play_orders,
    session_after,
)


def ends(run):
    """When each order began and how long it took, seconds."""
    begun = {e.order: e.t for e in run.of(ActionEvent) if e.state == "started"}
    done = [e for e in run.of(ActionEvent) if e.ends]
    return [(e.action, (e.t - begun[e.order]) / 1000) for e in done]


def test_orders_take_their_time(quiet):
    run = play_orders(quiet, (6, "rollback", {"target": "model"}), (8, "pause_releases", {}),
                 (9, "declare", {"severity": "SEV1"}))  # fmt: skip
    # Up to a tick longer: what ends between two ticks is seen at the next.
    assert ends(run) == [("rollback", 90.0), ("pause_releases", 15.0), ("declare", 0.0)]


def test_a_restart_goes_pod_by_pod(quiet):
    session = session_after(quiet, (6, "restart", {}))
    up = session.internals.engine.query("min_over_time(ml_serving_slots_total[25m])", session.now)
    assert up.first()[1] == 2.0  # of 4 slots: one pod of two served on
    killed = [e for e in session.log.events if e.kind == "line" and "Killing" in e.text]
    assert [event.who[-2:] for event in killed] == ["-0", "-1"]
    assert killed[0].t < killed[1].t


def test_a_restart_of_one_pod(quiet):
    session = session_after(quiet, (6, "restart", {"pods": [1]}))
    killed = [e.who[-2:] for e in session.log.events if e.kind == "line" and "Killing" in e.text]
    assert killed == ["-1"]


def test_a_pod_that_is_not_there_cannot_be_restarted(quiet):
    run = play_orders(quiet, (6, "restart", {"pods": [0, 99]}))
    assert action_outcomes(run) == [("restart", "failed")]
    assert [e.note for e in run.of(ActionEvent)][-1] == "there is no pod 99; there are 0, 1"
    assert not [e for e in run.of(LineEvent) if "Killing" in e.text]


@pytest.mark.parametrize(
    ("action", "args", "text"),
    [
        ("restart", {"pods": [-1]}, "greater than or equal to 0"),
        ("quarantine", {"feature": "x1", "min": 10, "max": 5}, "nothing lies between min .10. and max .5.; without them every value"),
        ("quarantine", {"feature": "x1", "min": 10, "lift": True}, "it takes no range"),
        ("release", {"version": 7, "build": 9}, "a release of model has a version, and no build"),
        ("release", {"target": "serving", "version": 7}, "a release of serving has a build, and no version"),
        ("release", {"target": "serving", "build": 9, "share": 0.5}, "only a version of the model"),
    ],
)  # fmt: skip
def test_orders_that_cannot_be_right_are_refused_at_the_door(action, args, text):
    with pytest.raises(ValidationError, match=text):
        ACTIONS.get(action).model_validate(args)


def test_a_silence_of_no_length_fails(quiet):
    run = play_orders(quiet, (6, "silence", {"matchers": ["alertname=Slow"], "length": "0s"}))
    note = [e.note for e in run.of(ActionEvent)][-1]
    assert note == "a silence must end after it starts: it lasts 0s"


@pytest.mark.parametrize(("replicas", "state"), [(4, "done"), (0, "done"), (5, "failed")])
def test_scaling_up_to_replicas_max(quiet, replicas, state):
    session = session_after(quiet, (6, "scale", {"replicas": replicas}))
    assert action_outcomes(session.finish()) == [("scale", state)]
    wanted = replicas if state == "done" else 2
    assert np.count_nonzero(session.internals.world.replicas.phase == READY) == wanted
    assert np.count_nonzero(session.internals.world.replicas.phase != ABSENT) == wanted


def test_a_job_that_runs_is_not_run_twice(quiet):
    run = play_orders(quiet, (6, "rerun_job", {"job": "train"}), (7, "rerun_job", {"job": "train"}))
    assert action_outcomes(run) == [("rerun_job", "done"), ("rerun_job", "failed")]
    assert [e.note for e in run.of(ActionEvent)][-1] == "train is running already"


def test_a_run_ordered_before_the_cause_is_gone_fails_as_any_other(drill):
    run = play_orders(drill(LATE), (13, "materialize", {"view": "view"}))
    assert action_outcomes(run) == [("materialize", "done")]
    lines = [e.text for e in run.of(LineEvent) if e.who == "fill" and e.t > 13 * MINUTE]
    assert any("403 Forbidden" in text for text in lines)


def test_a_retrain_goes_through_a_gate_to_the_alias(quiet):
    session = session_after(quiet, (6, "retrain", {}))
    assert session.internals.world.releases.model == 8
    assert session.internals.world.releases.former_models == [6, 7]
    assert session.internals.world.trained[8]["gate"] is True


def test_paused_releases_hold_a_new_version_back(quiet):
    session = session_after(quiet, (6, "pause_releases", {}), (7, "retrain", {}))
    assert session.internals.world.releases.model == 7
    assert 8 in session.internals.world.versions
    refused = [e.text for e in session.log.events if e.kind == "line" and e.who == "release"]
    assert any("releases are paused" in text for text in refused)


def test_a_retrain_without_rows_fails_in_its_own_time(quiet):
    session = session_after(quiet, (6, "retrain", {"window": "1m"}))
    assert action_outcomes(session.finish()) == [("retrain", "done")]  # the order, not the run
    assert session.internals.world.releases.model == 7


def test_a_quarantine_withholds_until_it_is_lifted(drill):
    setting = drill(duration="25m")
    session = session_after(setting, (6, "quarantine", {"feature": "x2", "min": -1.0, "max": 1.0}))
    assert session.internals.world.quarantined == {"x2": (-1.0, 1.0)}
    lifted = session_after(setting, (6, "quarantine", {"feature": "x2"}),
                  (9, "quarantine", {"feature": "x2", "lift": True}),
                  (12, "quarantine", {"feature": "x2", "lift": True}))  # fmt: skip
    assert lifted.internals.world.quarantined == {}
    assert [state for _, state in action_outcomes(lifted.finish())] == ["done", "done", "failed"]
    # Harm: good values outside the range are lost too.
    accuracy = session.internals.truth.values["accuracy"][-1]
    assert accuracy < lifted.internals.truth.values["accuracy"][-1] - 0.02


def test_a_view_filled_before_the_fix_is_fresh_and_wrong(drill):
    setting = drill({**NULLS, "at": "6m"}, duration="20m")
    session = session_after(setting, (13, "materialize", {"view": "view"}))
    assert session.internals.world.store.row_laws["view"]
    assert session.internals.truth.values["freshness"][-1] < 15 * 60


def test_a_release_by_hand_takes_as_long_as_a_rollback(drill):
    """Else the former build, released anew, would be a rollback in no time."""
    change = {"at": "6m", "change": "release", "args": {"target": "serving", "build": 9}}
    run = play_orders(
        drill(change, duration="15m"), (8, "release", {"target": "serving", "build": 8})
    )
    assert ends(run) == [("release", 90.0)]


def test_only_a_build_that_there_is_can_be_deployed(drill):
    """Else any number would mend whatever bites on a build; one undone is still there."""
    change = {"at": "6m", "change": "release", "args": {"target": "serving", "build": 9}}
    release = {"target": "serving", "build": 99999999999}
    run = play_orders(drill(change, duration="20m"), (8, "release", release),
                 (9, "rollback", {"target": "serving"}),
                 (12, "release", {"target": "serving", "build": 9}),
                 (15, "release", {"version": 99}))  # fmt: skip
    assert action_outcomes(run) == [("release", "failed"), ("rollback", "done"), ("release", "done"),
                            ("release", "failed")]  # fmt: skip
    notes = [event.note for event in run.of(ActionEvent) if event.state == "failed"]
    assert notes == [
        "serving has no build 99999999999; there are 8, 9",
        "model has no version 99; there are 6, 7",
    ]


def test_a_silence_is_over_after_its_length(drill):
    setting = drill(SLOW)
    session = session_after(
        setting, (11, "silence", {"matchers": ["alertname=Slow"], "length": "6m"})
    )
    run = session.finish()
    (first,) = (e.t for e in run.of(NotificationEvent) if e.status == "firing")
    assert first > 17 * MINUTE


@pytest.mark.parametrize(
    ("to", "recipients"),
    [(["product"], {"product"}), ([], {"ml", "data", "command", "product"}), (["press"], set())],
)
def test_people_are_told(quiet, to, recipients):
    run = play_orders(quiet, (6, "status_update", {"to": to, "text": "we are on it"}))
    assert {event.to for event in run.of(MessageEvent)} == recipients
    assert action_outcomes(run) == [("status_update", "done" if recipients else "failed")]
