"""Small valid files of each format; a test replaces one part of them."""

import pytest

from simulator.source import SourceError, load, validate

PIPELINE = """\
pipeline: 1
name: small
title: A small one
data: {source: synthetic, rows: 1000}
traffic: {rate: 20/s}
stages:
  feed: {kind: source, owner: data, columns: [x]}
  ingest: {kind: ingest, after: [feed]}
  view: {kind: features, after: [ingest], columns: [x], ttl: 3h, changes_every: 30m}
  fill: {kind: job, does: materialize, view: view, needs: [feed], every: 10m, duration: 90s}
  serving:
    kind: serving
    after: [view]
    replicas: 4
    replicas_max: 12
    concurrency: 8
    queue: 100
    timeout: 2s
    service: {mean: 40ms}
    start_up: 20s
    build: 8
    memory: {base: 600MiB, limit: 1.5GiB, request: 1GiB}
cluster: {nodes: 3, memory: 8GiB}
model: {version: 7, former: [6], window: 24h}
logged: 200/min
"""

SCENARIO = """\
drill: 1
name: small
title: A small one
type: data
starts_at: 2026-03-09T12:00:00-05:00
duration: 4h
plays: ml
pipeline: pipelines/small.yaml
alerting: {rules: [a.yml], alertmanager: am.yml}
oncall: team.yaml
injects:
  - {at: 45m, fault: unit_change, target: feed, args: {feature: x}}
  - {at: 50m, change: release}
  - {at: 55m, change: release}
  - {unless: {event: declared, by: 80m}, message: {from: director, to: primary, text: Who?}}
objectives: {availability: {min: 0.995, window: 5m}, freshness: {max: 20m}}
"""

ONCALL = """\
oncall: 1
name: org
teams:
  ml: {members: [ana, ben], owns: [view]}
  data: {members: [dee], owns: [feed]}
receivers: {pager: {team: ml}}
"""

PLAYBOOK = """\
playbook: 1
name: small
steps:
  - acknowledge: {}
  - look: topk(1, ml_feature_psi)
    as: worst
  - branch:
      - if: up
        steps: [{act: {quarantine: {feature: "${worst.feature}"}}}]
      - otherwise: true
        steps: [{wait: 5m}]
  - verify: {query: up, within: 10m}
    otherwise: [{escalate: {to: ic}}]
  - close: {}
"""

RUBRIC = """\
rubric: 1
name: small
time: {acknowledge: {good: 1m, limit: 15m}}
weights: {detection: 0.5, mitigation: 0.5}
"""


@pytest.fixture
def read(tmp_path, monkeypatch):
    """The model of a text, with one part replaced."""
    monkeypatch.chdir(tmp_path)

    def read(model, text, old="", new=""):
        assert old in text
        (tmp_path / "a.yaml").write_text(text.replace(old, new, 1) if old else text)
        return validate(load("a.yaml"), model)

    return read


@pytest.fixture
def refused(read):
    """The error lines of a text."""

    def refused(model, text, old="", new=""):
        with pytest.raises(SourceError) as error:
            read(model, text, old, new)
        return str(error.value).splitlines()

    return refused
