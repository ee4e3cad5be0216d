"""Alertmanager configurations: routes and errors are those of amtool."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from simulator.alerting.alertmanager import (
    AlertmanagerConfig,
    load_alertmanager,
)
from simulator.promql import Matcher
from simulator.source import SourceError
from tests.alerting.invented import candidates
from tests.alerting.programs import program

FOLDER = Path(__file__).parents[2].parent / "shared" / "conformance" / "alertmanager"
FILES = sorted(FOLDER.glob("*/*.yml"))
SETS = 40  # of labels for each configuration


def loaded(file: Path) -> AlertmanagerConfig | SourceError:
    try:
        return load_alertmanager(file.read_text(), file.name, "0.25")
    except SourceError as problem:
        return problem


def label_sets(config: AlertmanagerConfig) -> list[dict[str, str]]:
    """Labels that the routes' matchers ask for, near misses, and none."""
    values: dict[str, list[str]] = {"nope": ["x"]}
    for route in config.route.walk():
        for c in route.matchers:
            values.setdefault(c.name, []).extend(candidates(Matcher(*c)))
    dice = np.random.default_rng(5)
    sets = [{name: text} for name, texts in values.items() for text in dict.fromkeys(texts)][:SETS]
    while len(sets) < SETS:
        chosen = {n: str(dice.choice(texts)) for n, texts in values.items() if dice.random() < 0.6}
        sets.append({name: text for name, text in chosen.items() if text})
    return [{}, *sets]


def routed(amtool: str, file: Path, labels: dict[str, str]) -> str:
    pairs = [f"{name}={text}" for name, text in labels.items()]
    ran = subprocess.run(
        [amtool, "config", "routes", "test", "--config.file", file, *pairs],
        capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


@pytest.mark.slow
def test_routes_are_those_of_amtool(capsys: pytest.CaptureFixture[str]) -> None:
    amtool = program("amtool")
    tried, taken = 0, set()
    for file in FILES:
        config = loaded(file)
        if isinstance(config, SourceError):
            continue
        for labels in label_sets(config):
            ours = ",".join(route.receiver for route in config.route.match(labels))
            assert ours == routed(amtool, file, labels), (file.name, labels)
            tried += 1
            taken.add((file.name, ours))
    with capsys.disabled():
        print(f"\n{tried} label sets routed as amtool does, {len(taken)} ways")
    assert tried > 500 or not FILES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_configurations_are_refused_if_amtool_refuses_them(file: Path) -> None:
    ran = subprocess.run([program("amtool"), "check-config", file], capture_output=True, text=True)
    config = loaded(file)
    assert isinstance(config, SourceError) == (ran.returncode != 0), ran.stdout + ran.stderr
    if isinstance(config, SourceError):
        assert all(complaint.file == file.name for complaint in config.complaints)
