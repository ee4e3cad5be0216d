"""People are told how it stands."""

from __future__ import annotations

from typing import Annotated, ClassVar

from simulator.actions import Acting, Action, Failed, Site, Text
from simulator.registry import Refers, part


@part
class StatusUpdate(Action):
    """Tell those who must know: what is affected, what is done, when more follows."""

    changes_world: ClassVar[bool] = False

    to: Annotated[tuple[str, ...], Refers("person")] = ()
    """Teams and others that the on-call file lists under `inform`; nobody named: all."""
    text: Text
    """What they are told."""

    def act(self, site: Site) -> Acting:
        unknown = [name for name in self.to if name not in site.informable]
        if unknown:
            raise Failed(f"nobody is called {unknown[0]!r}; there are {', '.join(site.informable)}")
        yield 30_000
        to = self.to or site.informable
        for name in to:
            site.message(site.actor, name, self.text)
        return f"told {', '.join(to)}", {"to": list(to), "text": self.text}
