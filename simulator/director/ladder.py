"""The severity ladder of an on-call file, as a run's header has it."""

from simulator.run.header import ImpactBound, SeverityRule
from simulator.scenario import OnCall
from simulator.scenario.severity import Impact


def severity_ladder(oncall: OnCall) -> tuple[SeverityRule, ...]:
    """The severities of an on-call file, the worst first.

    Examples
    --------
    >>> when = {"any": [{"burn": 6}]}
    >>> oncall = OnCall.model_validate({
    ...     "oncall": 1, "name": "ml", "teams": {"ml": {"members": ["ana"]}},
    ...     "severities": {"SEV3": {"when": when}, "SEV2": {"when": when, "update_every": "1h"}}})
    >>> [(rule.severity, rule.update_every) for rule in severity_ladder(oncall)]
    [(<Severity.SEV2: 'SEV2'>, 3600000), (<Severity.SEV3: 'SEV3'>, None)]
    """
    return tuple(
        SeverityRule(
            severity,
            any_of=tuple(map(_bound, level.when.any)),
            all_of=tuple(map(_bound, level.when.all)),
            inform=level.inform,
            roles=level.roles,
            update_every=level.update_every,
        )
        for severity, level in sorted(oncall.severities.items())
    )


def _bound(impact: Impact) -> ImpactBound:
    return ImpactBound(impact.burn, impact.customers, impact.outside)
