"""Explains why a selector selects nothing, with the nearest name or value."""

from collections.abc import Mapping, Sequence

from simulator.promql.selection import Matcher, Selector, selected_indices
from simulator.telemetry.store import Labels
from simulator.units import closest_match

LISTED = 6  # values that a message lists at most


def explain_unmatched(
    selector: Selector, series: Sequence[Labels], free: Mapping[str, frozenset[str]]
) -> str:
    """Why a selector selects none of the series; empty if it selects some.

    Parameters
    ----------
    series : sequence of Labels
        All possible series.
    free : mapping of str to frozenset
        For each metric, the labels that may hold any value.

    Examples
    --------
    >>> from simulator.telemetry.store import labels_of
    >>> series = [labels_of(__name__="requests_total", code="200")]
    >>> explain_unmatched(Selector("request_total", ()), series, {})
    "there is no metric 'request_total'; did you mean 'requests_total'?"
    >>> explain_unmatched(Selector("requests_total", (Matcher("cod", "=", "200"),)), series, {})
    "requests_total has no label 'cod'; did you mean 'code'?"
    >>> explain_unmatched(Selector("requests_total", (Matcher("code", "=~", "5.."),)), series, {})
    "the label 'code' of requests_total is never '5..'; it is '200'"
    """
    selector = _without_free_labels(selector, free)
    if selected_indices(selector, series):
        return ""
    name_matchers = [m for m in selector.all_matchers() if m.name == "__name__"]
    candidates = [series[i] for i in selected_indices(Selector(None, tuple(name_matchers)), series)]
    metric = selector.name or (name_matchers[0].value if name_matchers else "")
    if not candidates:
        names = sorted({dict(labels).get("__name__", "") for labels in series})
        near = closest_match(metric, names)
        return f"there is no metric {metric!r}" + (f"; did you mean {near!r}?" if near else "")
    for matcher in selector.matchers:
        alone = Selector(None, (matcher,))
        if matcher.name != "__name__" and not selected_indices(alone, candidates):
            return _explain_matcher(matcher, metric, candidates)
    return f"no series of {metric or 'any metric'} matches all of {selector} at once"


def _without_free_labels(selector: Selector, free: Mapping[str, frozenset[str]]) -> Selector:
    """The selector less its matchers on labels that may hold any value."""
    name = selector.name or next(
        (m.value for m in selector.matchers if m.name == "__name__" and m.op == "="), ""
    )
    free_labels = free.get(name, frozenset())
    return Selector(selector.name, tuple(m for m in selector.matchers if m.name not in free_labels))


def _explain_matcher(matcher: Matcher, metric: str, candidates: Sequence[Labels]) -> str:
    names = sorted({name for labels in candidates for name, _ in labels} - {"__name__"})
    if matcher.name not in names:
        near = closest_match(matcher.name, names)
        hint = f"; did you mean {near!r}?" if near else f"; it has {', '.join(names)}"
        return f"{metric or 'nothing'} has no label {matcher.name!r}{hint}"
    values = sorted({dict(labels).get(matcher.name, "") for labels in candidates})
    near = closest_match(matcher.value, values)
    adverb = "never" if matcher.op in ("=", "=~") else "always"
    of_metric = f" of {metric}" if metric else ""
    text = f"the label {matcher.name!r}{of_metric} is {adverb} {matcher.value!r}"
    if near and near != matcher.value:
        return f"{text}; did you mean {near!r}?"
    listed = ", ".join(repr(value) for value in values[:LISTED])
    return f"{text}; it is {listed}" + (", …" if len(values) > LISTED else "")
