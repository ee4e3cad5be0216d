"""An alert is made quiet."""

from __future__ import annotations

from typing import ClassVar

from simulator.actions import Acting, Action, Failed, Site
from simulator.registry import part
from simulator.units import Duration


@part
class Silence(Action):
    """Mute the notifications of matching alerts for a while. The alerts go on firing."""

    changes_world: ClassVar[bool] = False

    matchers: tuple[str, ...]
    """As Alertmanager writes them: `alertname="FeatureDrift"`, `severity=~"warn.*"`."""
    length: Duration = 3_600_000
    """How long."""

    def act(self, site: Site) -> Acting:
        yield 5_000
        try:
            name = site.alertmanager.silence(
                "{" + ",".join(self.matchers) + "}", site.now(), site.now() + self.length, site.who
            )
        except ValueError as error:
            raise Failed(str(error)) from None
        return f"silence {name} for {', '.join(self.matchers)}", {"silence": name}
