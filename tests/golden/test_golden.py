"""Golden runs: the same drill, seed and playbook give the recorded digest."""

from __future__ import annotations

import json

import pytest

from tests.golden.write import GOLDEN, golden, here, shipped


def test_exactly_the_shipped_drills_have_golden_runs() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == shipped()


@pytest.mark.slow
@pytest.mark.golden
@pytest.mark.parametrize("name", shipped())
def test_a_golden_run_has_its_recorded_digest(name: str) -> None:
    recorded = json.loads((GOLDEN / f"{name}.json").read_text())
    if recorded["made_with"] != here():
        pytest.skip(f"recorded with {recorded['made_with']}, and this is {here()}")
    now = golden(name)
    assert now == recorded, (
        f"{name} does something else than recorded. If that is intended, raise its version and "
        "record the golden runs again: python -m tests.golden.write"
    )
