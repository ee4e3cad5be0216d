"""The names in a drill, by kind, and orders on all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, get_origin

from simulator.actions import ACTIONS
from simulator.faults import causes
from simulator.lint.playbook_steps import ArgumentNames
from simulator.registry import example_args, reference_of
from simulator.session import Order
from simulator.setting import parse
from simulator.setting.bind import bind_names
from simulator.setting.bound_scenario import monitoring_components
from simulator.setting.components import components
from simulator.source.library import locate_file

Names = Mapping[str, Sequence[str]]
# More targets of one order tell no more and take the player's hands for longer than the drill.
MAX_TARGETS = 16


@cache
def names_of(drill: str) -> Names:
    """The names in a shipped drill, by kind: of its components, people, causes, alerts."""
    bound = bind_names(*parse(locate_file(drill, "drill")))
    columns = bound.dataset.columns
    return {
        **components(bound.pipeline),
        **monitoring_components(bound.pipeline, bound.alertmanager.receivers),
        **ArgumentNames(bound).by_kind,
        "feature": [column.name for column in columns],
        "quantity": [column.name for column in columns if not column.categorical],
        "category": [column.name for column in columns if column.categorical],
        "alerts": ['alertname=~".+"'],
        "cause": causes(),
        "page": ["1"],
        "pod": ["0"],
        "build": ["7"],
        "version": ["6"],
    }


def everywhere(kind: str, names: Names, **args: Any) -> list[Order]:
    """An action on everything that it may be about; empty where there is nothing of the kind.

    Parameters
    ----------
    args : mapping
        Arguments that all of the orders have.
    """
    return list(_orders(kind, names, args))


def _orders(kind: str, names: Names, args: Mapping[str, Any]) -> Iterator[Order]:
    cls = ACTIONS.get(kind)
    referring = [
        (key, info, reference.to)
        for key, info in cls.model_fields.items()
        if key not in args and (reference := reference_of(info)) is not None
    ]
    if any(info.is_required() and not names.get(to) for _, info, to in referring):
        return
    base = {**example_args(cls, names), **args}
    targets = next(((k, info, names[to]) for k, info, to in referring if info.is_required()), None)
    if targets is None:
        yield Order(kind, base)
        return
    key, info, choices = targets
    for name in [*dict.fromkeys(choices)][:MAX_TARGETS]:
        yield Order(kind, {**base, key: [name] if get_origin(info.annotation) is tuple else name})
