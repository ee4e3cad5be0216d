"""Receivers that an Alertmanager configuration and an on-call file do not share."""

from collections.abc import Collection, Iterator

from simulator.alerting.decoder import Decoder
from simulator.lint.oncall_year import OnCallYear
from simulator.source import Complaint, YamlNode
from simulator.units import did_you_mean


def warnings(text: str, file: str, receivers: Collection[str]) -> list[Complaint]:
    """Receivers of the routing tree that the on-call file lacks.

    Parameters
    ----------
    text : str
        A valid configuration.
    file : str
        Its name in messages.
    receivers : collection of str
        Those of the on-call file.
    """
    decoder = Decoder(file)
    for name in _receiver_names(decoder, decoder.parse(text).child("route")):
        if name.text not in receivers:
            hint = did_you_mean(name.text, receivers)
            problem = f"notifies nobody: the on-call file does not have it{hint}"
            decoder.complain(name, "", f"receiver {name.text!r} {problem}")
    return decoder.complaints.items


def absent_receivers(year: OnCallYear, receivers: Collection[str]) -> Iterator[Complaint]:
    """Receivers of an on-call file that an Alertmanager configuration lacks.

    Parameters
    ----------
    receivers : collection of str
        Those of the configuration.
    """
    for name in year.oncall.receivers:
        if name not in receivers:
            text = f"Alertmanager has no receiver of this name{did_you_mean(name, receivers)}"
            yield year.complaint(("receivers", name), text, key=True)


def _receiver_names(decoder: Decoder, route: YamlNode | None) -> Iterator[YamlNode]:
    """The receivers of a route and of the routes below it."""
    if route is None:
        return
    if receiver := route.child("receiver"):
        yield receiver
    for child in decoder.sequence(route.child("routes"), "routes"):
        yield from _receiver_names(decoder, child)
