"""Binds an inject that a facilitator orders during a run: it has no file."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from simulator.director.injects import BoundInject
from simulator.pipeline.rows import Column
from simulator.scenario import Inject, Pipeline
from simulator.setting.bind_injects import InjectBinder
from simulator.setting.bound_scenario import monitoring_components
from simulator.setting.components import components
from simulator.setting.name_checker import NameChecker
from simulator.source import Complaint, Document, Position, SourceError, YamlNode, validate

_PLACE = Position(Path("order"))
_PATH = "injects[0]"


def bind_live_inject(
    spec: Mapping[str, Any],
    pipeline: Pipeline,
    receivers: Iterable[str],
    columns: Sequence[Column],
) -> BoundInject:
    """An inject that starts at once, bound to the components of a pipeline.

    Parameters
    ----------
    spec : mapping
        As in a scenario, without its time.
    receivers : iterable of str
        The receivers of Alertmanager.
    columns : sequence of Column
        Of the data set.

    Raises
    ------
    SourceError
        All complaints, with their paths in the inject and without a file.
    """
    root = _node({"injects": [{**spec, "at": "0s"}]})
    checker = NameChecker(Document(_PLACE.file, root, _PLACE.file.parent))
    targets = components(pipeline) | monitoring_components(pipeline, receivers)
    try:
        written = validate(checker.document, Inject, ("injects", 0))
        injects = [*InjectBinder(checker, pipeline, (), columns, targets).bind([written])]
        checker.complaints.raise_if_any()
    except SourceError as error:
        raise SourceError(map(_without_place, error.complaints)) from None
    return injects[0]


def _without_place(complaint: Complaint) -> Complaint:
    return Complaint("", 0, 0, complaint.path.removeprefix(_PATH).removeprefix("."), complaint.text)


def _node(value: Any) -> YamlNode:
    if isinstance(value, Mapping):
        return YamlNode({str(key): _node(item) for key, item in value.items()}, _PLACE)
    if isinstance(value, list | tuple):
        return YamlNode([_node(item) for item in value], _PLACE)
    return YamlNode(value, _PLACE)
