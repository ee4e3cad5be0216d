"""How a run is told: in the terminal, as a page, as a postmortem; one file each."""
