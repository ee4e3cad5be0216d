"""Binds the `data:` of a pipeline to the rows of a data set."""

from simulator.datasets import sources
from simulator.datasets.dataset import BadData, Dataset
from simulator.datasets.windows import window_errors
from simulator.scenario import Pipeline, check_name
from simulator.setting.name_checker import KeyPath
from simulator.source import Document, SourceError, find_file

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
    elif unknown := check_name(document, source, sources.NAMES, "data set", listing=FILES):
        raise SourceError([unknown])
    try:
        dataset = sources.load(data, file)
    except BadData as error:
        issues = list(error.issues)
    else:
        issues = window_errors(dataset, data)
    if issues:
        raise SourceError(document.complaint_at((*at, *issue.path), issue.text) for issue in issues)
    return dataset
