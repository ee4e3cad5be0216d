"""A silence of Alertmanager."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from simulator.actions import Action, ActionFailed, ActionSteps, Args, Refers, Site, part
from simulator.alerting.matchers import MatcherError, parse_matchers
from simulator.source import Issue
from simulator.units import Duration


@part
class Silence(Action):
    """Mute the notifications of matching alerts for a while. The alerts keep firing."""

    effect = "world"
    fixed_target = "alertmanager"
    # It ends by itself; the alerts fire on, and notify again.
    reversible = True
    leaves = ("silence",)
    example: ClassVar[Args] = {"length": "5m"}

    matchers: Annotated[tuple[str, ...], Refers("alerts")]
    """Matchers in Alertmanager's syntax: `alertname="FeatureDrift"`, `severity=~"warn.*"`."""
    length: Duration = 3_600_000
    """The length of the silence."""

    def issues(self) -> Iterator[Issue]:
        if not self.matchers:
            yield Issue(("matchers",), "is empty")
        for number, text in enumerate(self.matchers):
            try:
                parse_matchers(text)
            except MatcherError as error:
                yield Issue(("matchers", number), str(error))

    def act(self, site: Site) -> ActionSteps:
        yield 5_000
        try:
            matchers, now = "{" + ",".join(self.matchers) + "}", site.now()
            name = site.alertmanager.silence(matchers, now, now + self.length, site.actor)
        except ValueError as error:
            raise ActionFailed(str(error)) from None
        return f"silence {name} for {', '.join(self.matchers)}", {"silence": name}
