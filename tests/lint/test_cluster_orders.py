"""Warnings about orders that no cluster of the pipeline can carry out."""

import pytest

from simulator.lint.cluster_orders import explain_impossible


@pytest.mark.parametrize(
    ("kind", "args", "where", "why"),
    [
        ("resize_pods", {"memory": "9GiB"}, ("memory",), "fits on no node of 4GiB"),
        ("resize_pods", {"memory": "9GiB", "request": "5GiB"}, ("request",), "a pod of 5GiB"),
        ("resize_pods", {"memory": "500MiB"}, ("memory",), "holds 600MiB"),
        ("resize_pods", {"accelerator": "80GiB"}, ("accelerator",), "no accelerator"),
        ("resize_pods", {"request": "5GiB"}, ("request",), "fits on no node of 4GiB"),
        ("add_node", {}, (), "the quota of machines allows 2 nodes"),
    ],
)
def test_what_can_never_be_done(kind, args, where, why, quiet):
    [(path, text)] = explain_impossible(quiet.pipeline, kind, args)
    assert path == where
    assert why in text


@pytest.mark.parametrize(
    ("kind", "args"),
    [
        ("resize_pods", {"memory": "2GiB"}),
        ("resize_pods", {"lift": True}),
        ("resize_pods", {"cpu": 4}),
        ("add_node", {"back": True}),
        ("scale", {"replicas": 3}),
    ],
)
def test_what_may_be_done(kind, args, quiet):
    assert list(explain_impossible(quiet.pipeline, kind, args)) == []
