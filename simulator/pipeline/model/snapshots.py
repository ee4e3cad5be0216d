"""Snapshots of feature views: states of the online store to serve or to go back to."""

from simulator.pipeline.laws import Params
from simulator.pipeline.model.view_states import ViewLaw, ViewState
from simulator.pipeline.world import Store, World
from simulator.units import format_ms


def law_of(params: Params, view: str) -> ViewLaw:
    """The law of the store of a view."""
    return params.view_laws.get(view) or ViewLaw()


def live_state(store: Store, view: str, at: int) -> ViewState:
    """The state of a view that materialization runs write, as of `at`, ms."""
    return ViewState(at, store.through[view], store.row_laws[view], store.incomplete.get(view, ()))


def take(world: World, params: Params, view: str) -> None:
    """Keep the present state of a view; the oldest snapshots make room."""
    snapshots = world.store.snapshots.setdefault(view, [])
    snapshots.append(live_state(world.store, view, world.now))
    del snapshots[: max(0, len(snapshots) - law_of(params, view).snapshots)]


def find(world: World, params: Params, view: str, ago: int) -> ViewState | str:
    """The newest snapshot that is `ago` ms old or older; else why there is none."""
    state = newest_before(world.store, view, world.now - ago)
    if state is not None:
        return state
    states = world.store.snapshots.get(view)
    if not states:
        kept = law_of(params, view).snapshots
        return f"{view} has no snapshot{'' if kept else ': it keeps none'}"
    oldest = format_ms(world.now - states[0].at)
    return f"nothing of {view} is {format_ms(ago)} old: its oldest snapshot was taken {oldest} ago"


def newest_before(store: Store, view: str, at: int) -> ViewState | None:
    """The newest snapshot that was taken at a time, ms, or earlier; None without any."""
    taken = (state for state in reversed(store.snapshots.get(view, [])) if state.at <= at)
    return next(taken, None)


def restore(store: Store, view: str, state: ViewState) -> None:
    """Give a view the state of a snapshot, and forget those that were taken later."""
    store.through[view] = state.through
    store.row_laws[view] = state.row_laws
    store.incomplete[view] = state.incomplete
    store.snapshots[view] = [kept for kept in store.snapshots[view] if kept.at <= state.at]
