"""Speed: `make bench`, or ``python -m tests.benchmarks.bench`` in the repository.

Every figure is the median of five, and compared figures are measured in turn in the same run:
read the ratios, as the seconds of a shared machine vary by half.
"""

from __future__ import annotations

import argparse
import os
import platform

from tests.benchmarks import (
    against_simpy,
    bench_monitors,
    bench_schedules,
    bench_serving,
    drill_time,
    tick_time,
)

SUBJECTS = {
    "drill": (drill_time.measure, "one whole drill, stage by stage"),
    "simpy": (against_simpy.measure, "the same traffic as SimPy processes"),
    "monitors": (bench_monitors.measure, "data and model, and twelve detectors"),
    "schedules": (bench_schedules.measure, "who is on call, at a million instants"),
    "tick": (tick_time.measure, "where the time of a tick goes"),
    # The last, as it alone loads the compiled kernel.
    "serving": (bench_serving.measure, "the model server alone, by load"),
}


def main() -> None:
    """Print the tables."""
    descriptions = "; ".join(
        f"{name}: {description}" for name, (_, description) in SUBJECTS.items()
    )
    parser = argparse.ArgumentParser(
        prog="bench", description="How fast it is.", epilog=descriptions
    )
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help="only these; all by default")
    parser.add_argument("--quick", action="store_true", help="measure once, not five times")
    options = parser.parse_args()
    unknown = set(options.subjects) - set(SUBJECTS)
    if unknown:
        parser.error(f"no subject {min(unknown)!r}; there are {', '.join(SUBJECTS)}")
    repeats = 1 if options.quick else 5
    load = os.getloadavg()[0]
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}; "
        f"median of {repeats}. The machine is shared and noisy: trust ratios, not seconds."
    )
    for name in options.subjects or SUBJECTS:
        SUBJECTS[name][0](repeats)


if __name__ == "__main__":
    main()
