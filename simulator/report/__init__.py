"""Reports of a run: in the terminal, as an HTML page, as a postmortem; one file each."""
