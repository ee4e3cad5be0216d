"""Write one digest for each shipped drill: `python -m tests.golden.write`, after a change on purpose.

A digest covers the orders and everything that the simulation did. It is the same on one machine
with the pinned wheels; across processors exp, log and matmul differ in the last bits, so each
file names its platform. A change to what a drill does raises the drill's `version`.
"""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

import numpy as np

from simulator.play import play
from simulator.responders.choose import choose
from simulator.setting import load
from tests.forks import run_forked

GOLDEN = Path(__file__).parent
SCENARIOS = GOLDEN.parents[1] / "scenarios"
SEED = 1


def shipped() -> list[str]:
    """The names of the shipped drills."""
    return sorted(path.stem for path in SCENARIOS.glob("*.yaml"))


def here() -> dict[str, str]:
    """The platform that a digest depends on: numpy, the machine, its vector instructions."""
    config: Any = np.show_config(mode="dicts")
    return {
        "numpy": np.__version__,
        "platform": f"{platform.system()}-{platform.machine()}-{'-'.join(platform.libc_ver())}",
        "simd": " ".join(config["SIMD Extensions"].get("found", [])),
    }


def golden(name: str) -> dict[str, Any]:
    """A drill, seed 1, answered by its own playbook."""
    setting = load(name)
    responder, answers = choose(setting, None)
    run = play(setting, SEED, answers, name=responder)
    return {
        "scenario": name,
        "version": setting.scenario.version,
        "seed": SEED,
        "responder": responder,
        "digest": run.digest,
        "made_with": here(),
    }


def main() -> None:
    """Write all golden runs, and print which have changed."""
    for name, digest in run_forked((name, lambda name=name: golden(name)) for name in shipped()):
        path = GOLDEN / f"{name}.json"
        before = json.loads(path.read_text()) if path.is_file() else {}
        path.write_text(json.dumps(digest, indent=2) + "\n")
        if not before:
            state = "new"
        elif before["digest"] == digest["digest"]:
            state = "as before"
        elif before["version"] == digest["version"]:
            state = "CHANGED, and its version was not raised"
        else:
            state = "changed"
        print(f"{path.name}: {digest['digest']} {state}")


if __name__ == "__main__":
    main()
