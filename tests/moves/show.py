"""Prints what became of faults under each move: `python -m tests.moves.show memory_leak …`."""

from __future__ import annotations

import sys

from tests.moves.playing import complaints, drill_of, interval, moves_of, play_fault


def main() -> None:
    """Play the faults that are named, three seeds each."""
    for name in sys.argv[1:]:
        setting = drill_of(name)
        moves = moves_of(setting)
        courses = play_fault(name, range(1, 4), setting)
        print(name)
        for bound in moves:
            print("   ", [(step.action, dict(step.args)) for step in bound.steps])
        for course, played in courses.items():
            recovered = "".join("y" if item.recovered else "-" for item in played)
            outside = interval([item.seconds_outside for item in played])
            depth = interval([item.depth for item in played])
            debts = sorted({debt for item in played for debt in item.debts})
            failed = sorted({note for item in played for note in item.failed})
            print(f"  {course:22} {recovered} {outside!s:>12} s {depth!s:>14}", debts, *failed)
        for complaint in complaints(name, moves, courses):
            print("  !", complaint)


if __name__ == "__main__":
    main()
