"""Keys of twins: a hash of all that a twin depends on.

A twin is a function of the inputs, the program, the seed, the faults and the orders. The program is
the source of this package and of other packages' parts, so that a developer's change never meets a
twin of the code before it, and the versions of the libraries.
"""

import hashlib
import json
from typing import Any

import msgspec

from simulator.play.twins import Twin
from simulator.run import Run
from simulator.run.events import OrderEvent, ResponderEvent
from simulator.run.program import program_digest


def twin_key(inputs: str, seed: int, twin: Twin, run: Run | None = None) -> str:
    """The key of a twin: 32 hex digits.

    Parameters
    ----------
    inputs : str
        The digest of the resolved inputs.
    run : Run, optional
        The run whose orders the twin has.
    """
    parts: dict[str, Any] = {
        "inputs": inputs,
        "program": program_digest(),
        "seed": seed,
        "twin": twin.name,
        "answers": twin.answers,
    }
    if run is not None:
        parts["omitted"] = sorted(twin.omitted)
        parts["responder"] = run.header.responder
        parts["players"] = msgspec.to_builtins(run.header.players)
        parts["orders"] = [
            (event.t, event.who, event.id, event.action, event.args)
            for event in run.of(OrderEvent)
            if not event.simulated
        ]
        # A replay ends where the responder did.
        parts["ends"] = [(end.t, end.who, end.state, end.why) for end in run.of(ResponderEvent)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
