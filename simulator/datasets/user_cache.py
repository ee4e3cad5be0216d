"""The user's cache: files that only save time."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """The program's folder in the user's cache, which need not exist.

    `$XDG_CACHE_HOME/ml-gameday`, or `~/.cache/ml-gameday`; a relative path is not valid there.
    """
    home = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(home):
        home = os.path.expanduser("~/.cache")
    # A user without a home keeps the `~`, and nothing is cached.
    return Path(home) / "ml-gameday"
