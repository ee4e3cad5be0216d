"""What the real programs accept and what can yet do nothing here.

A rule on a metric that this pipeline never emits is a right rule, in Prometheus' eyes; in a
drill it is the commonest disappointment. So such lines are warnings and block no run. This
stands in the room of the setting, and not with the rules, because only here the pipeline's
series, the rules, the routing and the on-call file are known together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simulator.alerting.decoder import Decoder
from simulator.alerting.rulefile import RuleGroup, RuleSpec
from simulator.lint.possible_series import Known
from simulator.promql import selectors
from simulator.promql.possible_values import PossibleValues
from simulator.promql.unmatched import explain_unmatched
from simulator.scenario.scenario import Alerting
from simulator.setting.bound_scenario import BoundScenario
from simulator.source import Complaint, YamlNode
from simulator.telemetry.store import Labels
from simulator.telemetry.value_ranges import value_range
from simulator.units import did_you_mean


def warnings(bound: BoundScenario, alerting: Alerting) -> list[Complaint]:
    """Everything that a scenario's rules and routing cannot do.

    Parameters
    ----------
    bound : BoundScenario
        A scenario whose names are bound.
    alerting : Alerting
        Its files and switches.
    """
    known = Known(bound).add(bound.groups, alerting.prometheus)
    routing = bound.files[alerting.alertmanager]
    shown = bound.display_paths[alerting.alertmanager]
    return [
        *rule_warnings(bound.groups, known, alerting.prometheus),
        *routing_warnings(routing, shown, bound.oncall.receivers),
    ]


def rule_warnings(groups: list[RuleGroup], known: Known, dialect: int = 3) -> list[Complaint]:
    """Selectors that select nothing, and rules that never fire, over known series."""
    series, found = known.series, []
    for group in groups:
        for rule in group.rules:
            for said in _rule(rule, known, series, dialect):
                text = f"group {group.name}: rule {rule.name}: {said}"
                found.append(Complaint(group.file, rule.line, rule.column, "", text))
    return found


def _rule(rule: RuleSpec, known: Known, series: list[Labels], dialect: int) -> Iterator[str]:
    selected = dict.fromkeys(selectors(rule.expr))
    nothing = [said for one in selected if (said := explain_unmatched(one, series, known.free))]
    reach = PossibleValues(known.store, value_range, dialect)
    if _open(rule, known) or reach.of(rule.expr) is not None:
        # The rule can yield something; a part of it may still be a slip.
        yield from nothing
        return
    verb = "never fires here" if rule.alert else "never records anything here"
    for why in nothing or reach.why or [""]:
        yield ": ".join(part for part in (verb, why) if part)


def _open(rule: RuleSpec, known: Known) -> bool:
    """Whether labels are at work that may hold anything: nothing is proved of them."""
    free = any(selector.name in known.free for selector in selectors(rule.expr))
    return free or "count_values" in rule.expr


def routing_warnings(text: str, shown: str, receivers: Mapping[str, object]) -> list[Complaint]:
    """Receivers of an Alertmanager configuration that lead to nobody.

    Parameters
    ----------
    text : str
        The configuration, which can be loaded.
    shown : str
        What messages call it.
    receivers : mapping
        Those of the on-call file.
    """
    decoder = Decoder(shown)
    for name in _receiver_names(decoder, decoder.parse(text).child("route")):
        if name.text not in receivers:
            hint = did_you_mean(name.text, receivers)
            complaint = f"leads to nobody: the on-call file does not have it{hint}"
            decoder.complain(name, "", f"receiver {name.text!r} {complaint}")
    return decoder.complaints.items


def _receiver_names(decoder: Decoder, route: YamlNode | None) -> Iterator[YamlNode]:
    """The receivers of a route and of the routes below it."""
    if route is None:
        return
    if receiver := route.child("receiver"):
        yield receiver
    for child in decoder.sequence(route.child("routes"), "routes"):
        yield from _receiver_names(decoder, child)
