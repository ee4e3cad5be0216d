"""States of a feature view in the online store, and the law of its store."""

from dataclasses import dataclass

from simulator.pipeline.rows import RowLaw


@dataclass(frozen=True)
class ViewState:
    """What a materialization run has left in a view.

    Attributes
    ----------
    at : int, ms
        When it was written.
    through : int, ms
        Event time up to which it is materialized.
    row_laws : tuple of RowLaw
        Bends of the rows that were read.
    incomplete : tuple of (str, float, int)
        What the run did not bring: fault, share of the entities, and the event time up to which
        their values are known, ms.
    """

    at: int
    through: int
    row_laws: tuple[RowLaw, ...] = ()
    incomplete: tuple[tuple[str, float, int], ...] = ()


@dataclass(frozen=True)
class ViewLaw:
    """How the online store writes a view.

    Attributes
    ----------
    snapshots : int
        Of the newest materialization runs, how many leave a snapshot.
    keeps_newer : bool
        Whether a run for older data leaves newer values as they are, as Feast's Redis store does,
        which compares event times; other stores overwrite.
    """

    snapshots: int = 24
    keeps_newer: bool = True
