"""A cheat by the command, as a user would try it: a playbook that reads nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.cli import call

SHOTGUN = """
playbook: 1
name: shotgun
title: Everything at once
type: latency
starts_on: {alerts: [HighLatency]}
steps:
  - acknowledge: {}
  - declare: {severity: SEV1}
  - act: {page: {team: data-engineering}}
  - act: {page: {team: security}}
  - act: {page: {team: infrastructure}}
  - act: {rollback: {target: model}}
  - act: {rollback: {target: serving}}
  - act: {scale: {replicas: 8}}
  - act: {restart_scheduler: {}}
  - close: {}
"""


@pytest.mark.slow
def test_a_shotgun_by_the_command_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    playbook = tmp_path / "shotgun.yaml"
    playbook.write_text(SHOTGUN)
    arguments = ["run", "first-shift", "--responder", str(playbook), "--no-twins"]
    code = call([*arguments, "--out", str(tmp_path / "run")])
    assert code == 1, capsys.readouterr().out
