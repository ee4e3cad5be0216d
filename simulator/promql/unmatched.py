"""Why a selector selects nothing, and what was perhaps meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulator.promql.selection import Matcher, Selector, selected_indices
from simulator.telemetry.store import Labels
from simulator.units import closest_match

FEW = 6  # values that are worth listing


def explain_unmatched(
    selector: Selector, series: Sequence[Labels], free: Mapping[str, frozenset[str]]
) -> str:
    """What is wrong with a selector; empty where it selects some of the series.

    Parameters
    ----------
    selector : Selector
    series : sequence of Labels
        All that there can be.
    free : mapping of str to frozenset
        For each metric, the labels that may hold anything.

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
    selector = _without_free(selector, free)
    if selected_indices(selector, series):
        return ""
    named = [one for one in selector.all() if one.name == "__name__"]
    candidates = [series[i] for i in selected_indices(Selector(None, tuple(named)), series)]
    shown = selector.name or (named[0].value if named else "")
    if not candidates:
        names = sorted({dict(labels).get("__name__", "") for labels in series})
        meant = closest_match(shown, names)
        return f"there is no metric {shown!r}" + (f"; did you mean {meant!r}?" if meant else "")
    for matcher in selector.matchers:
        if matcher.name != "__name__" and not selected_indices(
            Selector(None, (matcher,)), candidates
        ):
            return _label(matcher, shown, candidates)
    return f"no series of {shown or 'any metric'} fulfils all of {selector} at once"


def _without_free(selector: Selector, free: Mapping[str, frozenset[str]]) -> Selector:
    """The same, not asking about labels that may hold anything."""
    name = selector.name or next(
        (one.value for one in selector.matchers if one.name == "__name__" and one.op == "="), ""
    )
    open_labels = free.get(name, frozenset())
    kept = tuple(one for one in selector.matchers if one.name not in open_labels)
    return Selector(selector.name, kept)


def _label(matcher: Matcher, metric: str, candidates: Sequence[Labels]) -> str:
    names = sorted({name for labels in candidates for name, _ in labels} - {"__name__"})
    of = f" of {metric}" if metric else ""
    if matcher.name not in names:
        meant = closest_match(matcher.name, names)
        hint = f"; did you mean {meant!r}?" if meant else f"; it has {', '.join(names)}"
        return f"{metric or 'nothing'} has no label {matcher.name!r}{hint}"
    values = sorted({dict(labels).get(matcher.name, "") for labels in candidates})
    meant = closest_match(matcher.value, values)
    word = "never" if matcher.op in ("=", "=~") else "always"
    text = f"the label {matcher.name!r}{of} is {word} {matcher.value!r}"
    if meant and meant != matcher.value:
        return f"{text}; did you mean {meant!r}?"
    listed = ", ".join(repr(value) for value in values[:FEW])
    return f"{text}; it is {listed}" + (", …" if len(values) > FEW else "")
