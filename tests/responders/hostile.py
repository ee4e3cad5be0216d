"""Responders that do what a broken or hostile program may do; each is in trouble at the first page.

`play(setting, 1, Raises())` is a readable run for each of them, and its verdict is fail.
"""

import time

from simulator.session import Door, Order

HUGE = 100_000_000


class AtThePage:
    """Waits for the first news, then does its worst."""

    calls = 0

    def respond(self, door: Door) -> int | None:
        """Read the news, and attack."""
        self.calls += 1
        return self.attack(door) if door.seen().news else None

    def attack(self, door: Door) -> int | None:
        """What it does to the drill."""
        raise NotImplementedError


class RaisesAtOnce:
    """Raises before anything has happened."""

    def respond(self, door: Door) -> int | None:
        """Raise."""
        raise ValueError(f"no pods in {self!r}\n" + "and so on, " * 10**5)


class RaisesInTheMiddle(AtThePage):
    """Answers, and exits before it was done."""

    def attack(self, door: Door) -> int | None:
        door.submit(Order("acknowledge"))
        raise SystemExit(3)


class Hangs(AtThePage):
    """Computes for ever."""

    def attack(self, door: Door) -> int | None:
        while True:
            self.calls += 1


class Sleeps(AtThePage):
    """Waits in real time, and takes an interrupt for an answer."""

    def attack(self, door: Door) -> int | None:
        try:
            time.sleep(60)
        except BaseException:
            time.sleep(60)
        return None


class ReturnsNaN(AtThePage):
    """Computes its wake-up from nothing."""

    def attack(self, door: Door) -> int | None:
        return float("nan")


class ReturnsText(AtThePage):
    """Takes a wake-up for a word."""

    def attack(self, door: Door) -> int | None:
        return "soon"


class ReturnsThePast(AtThePage):
    """Wakes up before it went to sleep."""

    def attack(self, door: Door) -> int | None:
        return door.now - 1


class Floods(AtThePage):
    """Orders a million times, and does not mind errors."""

    def attack(self, door: Door) -> int | None:
        for _ in range(10**6):
            try:
                door.submit(Order("acknowledge"))
            except Exception:
                continue
        return None


class SubmitsAHugeText(AtThePage):
    """Writes a status update of 100 MB."""

    def attack(self, door: Door) -> int | None:
        door.submit(Order("status_update", {"text": "x" * HUGE}))
        return None


class BreaksItsDoor(AtThePage):
    """Takes its door apart, and goes on."""

    def attack(self, door: Door) -> int | None:
        for name in ("player", "who", "now", "submit", "seen", "_Door__behind", "close"):
            for change in (lambda: setattr(door, name, "director"), lambda: delattr(door, name)):  # noqa: B023
                try:
                    change()
                except AttributeError:
                    continue
        door.submit(Order("fix_upstream", {"target": "feed"}))
        return door.close()


class CallsItself(AtThePage):
    """Orders at every level of a recursion without an end."""

    def attack(self, door: Door) -> int | None:
        door.submit(Order("acknowledge"))
        return self.attack(door)


class Looks(AtThePage):
    """Queries as often as it can."""

    def attack(self, door: Door) -> int | None:
        while True:
            door.query("up")


# The state in which each of them ends.
HOSTILE = {
    RaisesAtOnce: "raised",
    RaisesInTheMiddle: "raised",
    Hangs: "timed_out",
    Sleeps: "timed_out",
    ReturnsNaN: "bad_wake_up",
    ReturnsText: "bad_wake_up",
    ReturnsThePast: "bad_wake_up",
    Floods: "flood",
    SubmitsAHugeText: "raised",
    BreaksItsDoor: "raised",
    CallsItself: "recursion",
    Looks: "flood",
}
