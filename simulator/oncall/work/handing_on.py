"""Handing on: a specialist pages the owner of what is not theirs, with facts of their own."""

from collections.abc import Mapping, Set
from typing import Any

from simulator.oncall.organisation import Organisation
from simulator.oncall.paging.sent_page import SentPage
from simulator.oncall.work.briefing import Briefing
from simulator.oncall.work.specialist import Finding
from simulator.units import format_ms
from simulator.units.wording import join_words

# What its caller stated, and what holds for the next reader, too.
LASTING_FACTS = ("impact", "severity", "need")


def reason_not_to_page(organisation: Organisation, team: str, owner: str, callers: Set[str]) -> str:
    """Why a specialist of a team does not page an owner, for their caller; empty if they do.

    Parameters
    ----------
    callers : set of str
        The teams of their callers.
    """
    if not owner:
        return "nobody owns it"
    if owner in callers:
        return "it is yours"
    if organisation.may_call(team, owner):
        return ""
    may = organisation.model.teams[owner].called_by
    whom = "you" if callers & {*may} else join_words(list(may))
    return f"it is {owner}'s, whom {whom} may page, not {team}"


def page_args(
    owner: str, target: str, briefing: Briefing, findings: Mapping[str, Finding], now: int
) -> dict[str, Any]:
    """The arguments of the page with which a component is handed on to its owner.

    A suspect that they cannot look into keeps the evidence of who suspected it.

    Examples
    --------
    >>> seen = {"feed": Finding.HEALTHY, "key": Finding.AT_FAULT}
    >>> page_args("security", "key", Briefing(), seen, now=0)  # doctest: +NORMALIZE_WHITESPACE
    {'team': 'security', 'about': 'key', 'suspect': 'key', 'evidence': ['state of key: at fault'],
     'tried': ['looked at feed: healthy'], 'text': 'key is at fault'}
    """
    at_fault = findings[target] is Finding.AT_FAULT
    facts: dict[str, Any] = {
        key: briefing.facts[key] for key in LASTING_FACTS if key in briefing.facts
    }
    if briefing.since is not None:
        facts["since"] = format_ms(max(now - briefing.since, 0))
    evidence = [f"state of {target}: at fault"] if at_fault else briefing.facts.get("evidence", ())
    healthy = [name for name, finding in findings.items() if finding is Finding.HEALTHY]
    tried = [f"looked at {name}: healthy" for name in healthy]
    tried += [f"{name}: tried before" for name in briefing.tried if name not in healthy]
    stated = {"suspect": target, **facts, "evidence": list(evidence), "tried": tried}
    text = f"{target} is at fault" if at_fault else f"{target} is suspected"
    stated = {key: value for key, value in stated.items() if value}
    return {"team": owner, "about": target, **stated, "text": text}


def return_args(page: SentPage, findings: Mapping[str, Finding]) -> dict[str, Any]:
    """The arguments of the page with which an alert's page goes back to the team whose it is.

    Examples
    --------
    >>> page = SentPage(1, "ml", "alert", "alertmanager", "alert/Slow", alerts=("Slow",))
    >>> return_args(page, {"feed": Finding.HEALTHY})  # doctest: +NORMALIZE_WHITESPACE
    {'team': 'ml', 'text': 'Slow is yours: none of you has taken page 1',
     'tried': ['looked at feed: healthy']}
    """
    alerts = join_words([*page.alerts]) or page.text
    text = f"{alerts} is yours: none of you has taken page {page.number}"
    tried = [f"looked at {name}: {finding.value}" for name, finding in findings.items()]
    return {"team": page.team, "text": text, **({"tried": tried} if tried else {})}
