"""The responder of a name on the command line."""

from simulator.responders.playbook import Follower
from simulator.responders.responder import Responder
from simulator.scenario import Playbook
from simulator.setting import Setting
from simulator.setting.bind_playbooks import check_playbook
from simulator.source import load, locate_file, validate

NOBODY = "none"


def choose(setting: Setting, name: str | None) -> tuple[str, Responder | None]:
    """The responder of a name, by default the scenario's own.

    Parameters
    ----------
    name : str or None
        `none`, or a playbook's file or name.

    Returns
    -------
    name : str
    responder : Responder or None
        None for nobody.

    Raises
    ------
    SourceError
        If there is no such playbook, or it is invalid.
    """
    if name == NOBODY or (name is None and setting.playbook is None):
        return NOBODY, None
    if name is None:
        assert setting.playbook is not None
        playbook = setting.playbook
    else:
        playbook = read_playbook(name, setting)
    return playbook.name, Follower(playbook)


def read_playbook(name: str, setting: Setting | None = None) -> Playbook:
    """Read a playbook and check its orders and queries."""
    document = load(locate_file(name, "playbook"))
    playbook = validate(document, Playbook)
    check_playbook(document, (), playbook, setting.groups if setting else None)
    return playbook
