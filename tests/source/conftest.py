"""Files in a temporary working directory, with relative names."""

import pytest

from simulator.source import SourceError, load


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path.relative_to(tmp_path)

    return write


@pytest.fixture
def refused():
    """The error lines of a file."""

    def refused(file, **how):
        with pytest.raises(SourceError) as error:
            load(file, **how).raise_complaints()
        return str(error.value).splitlines()

    return refused
