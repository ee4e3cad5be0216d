"""Golden runs: the same drill, seed and playbook do the same thing as when it was written down."""

from __future__ import annotations

import json

import pytest

from tests.golden.write import GOLDEN, golden, here, shipped


def test_every_shipped_drill_has_a_golden_run_and_nothing_else_has() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == shipped()


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped())
def test_a_golden_run_is_as_it_was(name: str) -> None:
    recorded = json.loads((GOLDEN / f"{name}.json").read_text())
    if recorded["made_with"] != here():
        pytest.skip(f"recorded with {recorded['made_with']}, and this is {here()}")
    now = golden(name)
    assert now == recorded, (
        f"{name} does something else than it did. If that is meant, raise its version and "
        "write the golden runs anew: python -m tests.golden.write"
    )
