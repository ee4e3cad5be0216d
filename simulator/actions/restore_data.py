"""Restoring a feature view and the offline store to an earlier state."""

from typing import Annotated, ClassVar, Self

from pydantic import model_validator

from simulator.actions import Action, ActionFailed, ActionSteps, Args, Refers, Site, index_of, part
from simulator.pipeline.model import labels, log_replay, snapshots
from simulator.pipeline.model.view_states import ViewState
from simulator.units import Duration, format_ms

RESTORE_MS = 60_000


@part
class RestoreData(Action):
    """Restore a feature view, the offline store, or both to their last state before a time.

    What came since is lost: a view has its older values until the next run of its job, and no
    training reads the rows that were logged since. A `replay` reads these rows from their source
    again, thirty times as fast as they came, as the source delivers them then.
    """

    effect = "world"
    # A replay reads lost rows again.
    reversible = True
    leaves = ("lost_rows",)
    undo = ("restore_data", {"replay": True})
    example: ClassVar[Args] = {"log": True, "before": "30m"}
    failing = ({"before": "99h"},)

    view: Annotated[str | None, Refers("feature view")] = None
    """The feature view, which is given its newest snapshot before the time."""
    log: bool = False
    """Whether the offline store, which trainings read, loses the rows since the time."""
    before: Duration
    """How long ago the time is."""
    until: Duration = 0
    """How long ago the rows end that are lost; those logged later stay."""
    replay: bool = False
    """Read all lost rows again, those of earlier orders too."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.view is None and not self.log:
            raise ValueError("nothing to restore: expected a view, log: true, or both")
        if not self.log and (self.until or self.replay):
            raise ValueError("until and replay are about rows of the offline store: expected log")
        if self.until >= self.before:
            text = f"until ({format_ms(self.until)}) is not after before ({format_ms(self.before)})"
            raise ValueError(text)
        return self

    def acted_on(self) -> tuple[str, ...]:
        # The rows of the offline store are what a model is trained on.
        return (*super().acted_on(), *(("model",) if self.log else ()))

    def act(self, site: Site) -> ActionSteps:
        world, since = site.world, site.now() - self.before
        state = self._snapshot(site)
        if self.log:
            _check_log(site, since, site.now() - self.until)
        yield RESTORE_MS
        notes = []
        if self.view is not None and state is not None:
            snapshots.restore(world.store, self.view, state)
            notes.append(f"{self.view} is as {format_ms(world.now - state.at)} ago")
        if self.log:
            until = site.now() - self.until
            lost = log_replay.lose(world.log, since, until)
            notes.append(f"{lost} rows of the offline store are lost")
            if self.replay:
                takes = log_replay.start(world.log)
                notes.append(f"they are read again within {format_ms(takes)}")
        return "; ".join(notes)

    def _snapshot(self, site: Site) -> ViewState | None:
        """The state that its view gets; None without a view."""
        if self.view is None:
            return None
        index_of(self.view, site.params.views, "feature view")
        state = snapshots.find(site.world, site.params, self.view, self.before)
        if isinstance(state, str):
            raise ActionFailed(state)
        return state


def _check_log(site: Site, since: int, until: int) -> None:
    log = site.world.log
    oldest = log_replay.oldest(log)
    if oldest is None or not len(labels.logged_between(log, since, until)):
        raise ActionFailed("the offline store has logged nothing in that time")
    if oldest > since:
        ago, age = format_ms(site.now() - since), format_ms(site.now() - oldest)
        text = f"nothing of the offline store is {ago} old: its oldest row is {age} old"
        raise ActionFailed(text)
