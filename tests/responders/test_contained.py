"""Whatever a responder does, its run can be read and replayed, and its verdict is fail."""

import re
import signal
import threading
from collections import UserDict

import pytest

from simulator.analysis import Timeline
from simulator.play import play
from simulator.report.story import story
from simulator.responders import Contained, ResponderEnded, ResponderLimits, drive
from simulator.responders.call_timer import CallTimedOut, CallTimer
from simulator.responders.replay import Replay
from simulator.run import Player, Run
from simulator.run.events import OrderEvent, ResponderEvent
from simulator.score import grade
from simulator.session import Order, Session
from tests.responders.hostile import HOSTILE, CallsItself, Floods, RaisesAtOnce
from tests.small.playing import MINUTE, SLOW, Orders

# Quick tests: a hang needs no ten seconds to be one. The others have all the time.
HANG = ResponderLimits(seconds=0.2)
PATIENT = ResponderLimits(seconds=None, looks=500)


def contained(kind):
    """A hostile responder behind its containment."""
    return Contained(kind(), HANG if HOSTILE[kind] == "timed_out" else PATIENT)


class Answers:
    """Returns what it is made of, whenever it is called."""

    def __init__(self, answer):
        self.answer, self.calls = answer, 0

    def respond(self, door):
        self.calls += 1
        return self.answer(door) if callable(self.answer) else self.answer


@pytest.fixture
def short(drill):
    return drill({**SLOW, "at": "6m"}, duration="12m")


@pytest.fixture
def door(quiet):
    return Session(quiet, 1).door("ml")


def ended(responder, door, **limits):
    with pytest.raises(ResponderEnded) as end:
        Contained(responder, ResponderLimits(**limits)).respond(door)
    return end.value.state, end.value.why


@pytest.mark.parametrize("kind", HOSTILE, ids=lambda kind: kind.__name__)
def test_the_run_of_a_hostile_responder_can_be_read_and_fails(short, tmp_path, kind):
    play(short, 1, contained(kind), name="hostile", folder=tmp_path)
    run = Run.open(tmp_path)
    assert run.complete
    (event,) = run.of(ResponderEvent)
    assert (event.who, event.state) == ("ml", HOSTILE[kind])
    why = event.why
    assert 10 < len(why) <= 200
    assert not re.search("0x[0-9a-f]{6}|\n", why)
    scores = grade(Timeline(run))
    assert scores.verdict == "fail"
    assert scores.why[0].text.startswith("the responder ml ")
    assert why in scores.why[0].text
    assert any(why in entry.text for entry in story(Timeline(run))[0])
    assert (tmp_path / "log.jsonl").stat().st_size < 1_000_000


@pytest.mark.parametrize("kind", [RaisesAtOnce, Floods, CallsItself])
def test_it_replays_to_its_digest_and_its_grade(short, kind):
    run = play(short, 1, contained(kind))
    again = play(short, 1, Replay(run, "ml"))
    assert again.digest == run.digest
    assert again.of(ResponderEvent) == run.of(ResponderEvent)
    assert grade(Timeline(again)).why == grade(Timeline(run)).why


def test_a_drill_goes_on_as_with_nobody(short):
    assert play(short, 1, RaisesAtOnce()).digest == play(short, 1).digest


def test_the_other_player_goes_on(quiet):
    session = Session(quiet, 1, players=[Player("ml", "ml"), Player("zoe", "ml")])
    drive(session, {"ml": RaisesAtOnce(), "zoe": Orders((6, "declare", {"severity": "SEV3"}))})
    run = session.finish()
    assert [event.who for event in run.of(ResponderEvent)] == ["ml"]
    assert [event.who for event in run.of(OrderEvent)] == ["zoe"]


def test_players_are_woken_by_time_and_name(quiet):
    woken = []

    def at(name, *minutes):
        times = [round(minute * MINUTE) for minute in minutes]

        def answer(door):
            woken.append((door.now // 1000, name))
            return next((t for t in times if t > door.now), None)

        return Answers(answer)

    # The tick is 15 s: both wake-ups of a line below are due at the same tick.
    players = {"zoe": at("zoe", 1, 2), "ana": at("ana", 1, 2.05), "bob": at("bob", 2.1)}
    team = [Player(name, "ml") for name in players]
    drive(Session(quiet, 1, players=team), players)
    assert woken == [
        (0, "ana"), (0, "bob"), (0, "zoe"),
        (60, "ana"), (60, "zoe"),
        (120, "zoe"), (135, "ana"), (135, "bob"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (float("nan"), "given nan, expected a time in ms or None"),
        (float("inf"), "given inf, expected a time in ms or None"),
        ("5", "given '5', expected a time in ms or None"),
        (True, "given true, expected a time in ms or None"),
        ([5], "given a list of 1, expected a time in ms or None"),
        (-1, "given -1, in the past: it is 0"),
    ],
)
def test_a_wake_up_is_a_time_to_come(door, answer, message):
    assert ended(Answers(answer), door) == ("bad_wake_up", message)


@pytest.mark.parametrize("answer", [None, 0, 5, 90_000.5])
def test_a_time_or_none_is_a_wake_up(door, answer):
    wake = Contained(Answers(answer)).respond(door)
    assert wake in (answer, 90_001)


def test_it_is_not_called_again_after_its_trouble(door):
    responder = Answers("soon")
    broken = Contained(responder)
    for _ in range(2):
        with pytest.raises(ResponderEnded, match="bad_wake_up"):
            broken.respond(door)
    assert responder.calls == 1


def test_a_call_of_its_containment_ends_it(door):
    ring = Contained(Answers(lambda door: ring.respond(door)))
    with pytest.raises(ResponderEnded, match="recursion: it called respond while"):
        ring.respond(door)


def test_control_c_is_not_a_trouble(door):
    def interrupt(door):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Contained(Answers(interrupt)).respond(door)


def test_an_error_whose_text_fails_is_named(door):
    class Broken(Exception):
        def __str__(self):
            raise SystemExit

    def fail(door):
        raise Broken

    state, why = ended(Answers(fail), door)
    assert state == "raised"
    assert why.startswith("Broken (test_contained.py:")


@pytest.mark.parametrize(
    ("ask", "limits", "message"),
    [
        (lambda door: door.submit(Order("close")), {"orders": 9}, "more than 9 orders in a"),
        (lambda door: door.query("up"), {"looks": 9}, "more than 9 looks in a simulated minute"),
        (lambda door: door.search("x" * 99, 5), {"bytes": 999}, "more than 999 bytes in a"),
        (lambda door: door.submit(Order("close", {"x": "y" * 99})), {"bytes": 999}, "more than 999"),
    ],
)  # fmt: skip
def test_a_flood_is_stopped_though_errors_are_swallowed(door, ask, limits, message):
    def flood(door):
        for _ in range(20):
            try:
                ask(door)
            except Exception:
                continue
        return 60_000

    state, why = ended(Answers(flood), door, **limits)
    assert state == "flood"
    assert why.startswith(message)


def test_the_arguments_of_an_order_are_read_once(door):
    """A map that hangs when the session reads it would hang behind the door, for ever."""

    class Counting(UserDict):
        reads = 0

        def items(self):
            self.reads += 1
            return super().items()

    args = Counting(severity="SEV3")
    Contained(Answers(lambda door: door.submit(Order("declare", args)) * MINUTE)).respond(door)
    assert args.reads == 1


def test_who_never_reads_the_news_is_woken_every_tick(drill):
    session = Session(drill(SLOW), 1)
    responder = Answers(None)
    drive(session, {"ml": responder})
    pages = [event for event in session.log.events if event.kind == "page"]
    first = next(page.t for page in pages if page.state == "delivered")
    assert responder.calls == 1 + (session.ends - first) // 15_000


def test_the_limits_are_of_a_minute(quiet):
    def order(door):
        door.submit(Order("close"))
        return door.now + 15_000

    session = Session(quiet, 1)
    drive(session, {"ml": Contained(Answers(order), ResponderLimits(orders=4))})
    assert [event.kind for event in session.log.events if event.kind == "responder"] == []


# -- the timer -------------------------------------------------------------------------------


def hang():
    while True:
        pass


def test_a_swallowed_interrupt_is_still_a_time_out(door):
    def swallow(door):
        try:
            hang()
        except BaseException:
            return 60_000

    assert ended(Answers(swallow), door, seconds=0.05) == (
        "timed_out", "no answer within 0.05 s of real time",
    )  # fmt: skip


def test_an_interrupt_waits_for_the_session(door):
    """A door's answer is whole: half an order would leave a session that does not replay."""
    timer, done = CallTimer(0.05), []

    def ask():
        with timer.shielded():
            while not timer.expired:
                pass
            done.append("order")
        done.append("more")

    with pytest.raises(CallTimedOut):
        timer.call(ask)
    assert done == ["order"]


def test_the_former_timer_and_handler_are_restored():
    def handler(signum, frame): ...

    former = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 500, 7)
    try:
        with pytest.raises(CallTimedOut):
            CallTimer(0.05).call(hang)
        assert signal.getsignal(signal.SIGALRM) is handler
        delay, interval = signal.setitimer(signal.ITIMER_REAL, 0)
        assert 400 < delay < 500
        assert interval == 7
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def test_another_thread_has_no_limit():
    results = []
    thread = threading.Thread(target=lambda: results.append(CallTimer(0.01).call(lambda: "done")))
    thread.start()
    thread.join()
    assert results == ["done"]
