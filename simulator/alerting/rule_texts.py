"""The texts of an alerting rule: labels and annotations of its alerts, expanded from templates."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from simulator.alerting import templates
from simulator.alerting.alerts import Annotate
from simulator.alerting.rulefile import RuleGroup, RuleSpec
from simulator.promql.plan_nodes import without_name
from simulator.telemetry.store import Labels, labels_of

T = TypeVar("T")
VALUE = re.compile(r"[vV]alue|\.\s*[}|)]")  # in a template that depends on the value
CACHE_MAX = 10_000  # entries of each of a rule's caches


class RuleTexts:
    """Labels and annotations of a rule's alerts.

    It knows nothing of the alerts, which hold it to expand their annotations late: in a circle they
    would stay in memory after the run.

    Attributes
    ----------
    labels_use_value, uses_query : bool
        Whether the labels depend on more than the labels of the sample.
    errors : list of str
        Failed expansions since it was last cleared.
    """

    def __init__(
        self,
        rule: RuleSpec,
        group: RuleGroup,
        external: Mapping[str, str],
        functions: Mapping[str, Callable[..., Any]],
    ) -> None:
        self._name, self._external, self._functions = rule.alert, external, functions
        texts = {**dict(group.labels), **dict(rule.labels)}
        self._labels = [(name, templates.parse(text)) for name, text in texts.items()]
        self._annotations = [(name, templates.parse(text)) for name, text in rule.annotations]
        # Labels usually depend on the sample's labels alone; annotations are expanded late.
        self.labels_use_value = any(VALUE.search(text) for text in texts.values())
        self.uses_query = any(
            "query" in text for text in [*texts.values(), *dict(rule.annotations).values()]
        )
        self.errors: list[str] = []
        self._labels_cache: dict[tuple[Labels, float], Labels] = {}
        self._annotations_cache: dict[tuple[Labels, float], Labels] = {}

    def alert_labels(self, labels: Labels, value: float) -> Labels:
        """The labels of the alert of a sample."""
        if self.uses_query:
            return self._expand_labels(labels, value)
        key = (labels, value if self.labels_use_value else 0.0)
        return cached(self._labels_cache, key, self._expand_labels)

    def annotate(self, labels: Labels, value: float) -> Annotate:
        """A function that expands the annotations when they are needed; queries run now."""
        if self.uses_query:
            texts = self._expand_annotations(labels, value)
            return lambda _: texts
        return lambda value: cached(
            self._annotations_cache, (labels, value), self._expand_annotations
        )

    def _expand_labels(self, labels: Labels, value: float) -> Labels:
        expanded = dict(without_name(labels))
        data = self._template_data(labels, value)
        for name, template in self._labels:
            expanded[name] = self._expand(f"label {name}", template, data)
        expanded["alertname"] = self._name
        return labels_of(expanded)

    def _expand_annotations(self, labels: Labels, value: float) -> Labels:
        data = self._template_data(labels, value)
        return tuple(
            (name, self._expand(f"annotation {name}", template, data))
            for name, template in self._annotations
        )

    def _template_data(self, labels: Labels, value: float) -> dict[str, Any]:
        return {
            "Labels": dict(labels),
            "ExternalLabels": self._external,
            "ExternalURL": "",
            "Value": value,
        }

    def _expand(self, field: str, template: templates.Template, data: Mapping[str, Any]) -> str:
        try:
            return template.expand(data, self._functions)
        except templates.TemplateError as error:
            self.errors.append(f"{field}: {error}")
            return f"<error expanding template: {error}>"


def cached(cache: dict[Any, T], key: tuple[Any, ...], compute: Callable[..., T]) -> T:
    """The cached value of a key, else `compute(*key)`."""
    value = cache.get(key)
    if value is None:
        if len(cache) >= CACHE_MAX:
            cache.clear()
        value = cache[key] = compute(*key)
    return value
