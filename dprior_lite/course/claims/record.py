"""What a check leaves in a notebook: numbers and where they come from; the verdict is derived when it is read."""

from __future__ import annotations

from functools import cache
from typing import Any

from dprior_lite import store
from dprior_lite.card import read_card, steps_taken
from dprior_lite.course.chapters import claim
from dprior_lite.course.claims.claim import Claim, thin_parts, verdict

Record = dict[str, Any]

MIME = "application/vnd.dprior.claim+json"


def judged(record: Record) -> Record:
    """Return a record with everything that its numbers and the law say about it.

    Parameters
    ----------
    record : dict
        As stored: `id`, `value`, `control`, `error`, `profile`, `weights`, `data`, `seed`, `reason`.

    Returns
    -------
    dict
        The same with `status`, `thin`, `threshold`, `control_threshold`, `says`, `paper`, `page`, `amended`, `tried`;
        a claim that `ci` skips, a known gap, and a comparison of unequal trainings, with their reason.

    Examples
    --------
    >>> stored = {"id": "mi-1", "value": {"value": 99.0}, "control": {"control": 0.2}, "error": {}, "profile": "class",
    ...           "reason": ""}
    >>> judged(stored)["status"]
    'fails'
    """
    row, profile = claim(record["id"]), record["profile"]
    value, control = _numbers(record["value"]), _numbers(record["control"])
    status = verdict(row, profile, value, control)
    reason = record["reason"]
    if status == "known gap" and row.known_gap:
        reason = row.known_gap.reason
    elif status == "not measured" and value and row.ci:
        reason = f"skipped in ci ({row.ci.skip}): {row.ci.reason}"
    elif status == "holds" and (taken := unequal_steps(row)):
        status, reason = "reported", f"Its networks were not trained for the same number of steps: {taken}."
    parts = {r.name: r for r in row.parts_in(profile)}
    return record | {
        "status": status,
        "thin": [r.name for r in thin_parts(row, profile, value, _numbers(record["error"]))] if value else [],
        "threshold": {name: r.limit for name, r in parts.items()},
        "control_threshold": {c.name: c.limit(parts[c.breaks]) for c in row.control},
        "says": row.says,
        "paper": row.paper,
        "page": row.page,
        "amended": row.amended,
        "reason": reason,
        "tried": [list(t) for t in row.known_gap.tried] if row.known_gap else [],
    }


def unequal_steps(row: Claim) -> str:
    """Return the steps of the networks that a row compares, in words, if they differ; nothing if they do not.

    Examples
    --------
    >>> unequal_steps(claim("mi-1"))
    ''
    """
    steps = {name: _steps(name) for name in row.compares}
    if len(set(steps.values())) < 2:
        return ""
    return ", ".join(f"{name} {taken:,}" for name, taken in steps.items())


@cache
def _steps(name: str) -> int:
    """Return the steps that a shipped weight has behind it."""
    return steps_taken(read_card(store.SHIPPED / f"{name}.json"))


def _numbers(stored: dict[str, float | str]) -> dict[str, float]:
    return {name: float(value) for name, value in stored.items()}


def fits(row: Claim, record: Record) -> bool:
    """Return whether a record holds the numbers that the law asks for today."""
    if not record["value"]:
        return True
    parts, controls = {r.name for r in row.parts}, {c.name for c in row.control}
    return set(record["value"]) == parts and set(record["control"]) == controls
