"""Playing a drill, alone or with its twins: runs of the same seed with one difference.

`play` has one drill, `twins` says which twins a run has and what each changes, `processes` plays
them beside the run (`worker` is what each process does), `cache` keeps them under a key of all that
they depend on (`keys`), and `with_twins` puts these together.
"""

from simulator.play.play import Progress, play
from simulator.play.processes import TwinFailed, TwinPool
from simulator.play.twins import Twin, play_twin
from simulator.play.with_twins import play_with_twins

__all__ = ["Progress", "Twin", "TwinFailed", "TwinPool", "play", "play_twin", "play_with_twins"]
