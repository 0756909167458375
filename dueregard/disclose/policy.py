"""Policies: who may see what of a count. Declared as data, each rule with its reason; one that contradicts itself is refused."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from dueregard.errors import SourceError, UnknownName, UsageError

DEFAULT = "public"


class Method(StrEnum):
    """How are counts protected?"""

    NONE = "none"
    ROUNDING = "rounding"
    SUPPRESSION = "suppression"


PLACES = ("school", "area", "all")  # from the finest
TIMES = ("month", "term", "year")
AUDIENCES = ("internal", "scrutiny panel", "oversight", "public")
UNBOUND = ("oversight", "public")  # audiences that may hand on what they are given: no policy for them protects less
FLOOR_BAND, FLOOR_WIDTH, FLOOR_ROLL = 7, 5, 10


@dataclass(frozen=True, slots=True)
class Detail:
    """One rung of a ladder: no place finer than this, no time finer than this, at most so many columns crossed."""

    place: str
    time: str
    columns: int


@dataclass(frozen=True, slots=True)
class PooledRule:
    """When may a figure from true counts be released, without its counts?"""

    schools: int = 10
    events: int = 10
    largest_share: float = 0.5
    digits: int = 3


@dataclass(frozen=True, slots=True)
class Policy:
    """What may an audience see?

    low_to: counts from 0 to it are one band, shown as *low*. base: counts above are rounded to its multiples (1: not).
    A zero is shown only where nobody is on roll. roll_at_least: a cell with fewer on roll is hidden with its denominator.
    sensitive_from, sensitive_to: the true counts that nobody may narrow to a width under least_width. all_share: nobody may
    prove a count to be this share of its roll; so from half of it on a count is hidden. school_time: the finest time of a school's figure.
    ladder: the rungs of detail, finest first. reasons: (rule, why).
    """

    name: str
    audience: str
    words: str
    method: Method
    reasons: tuple[tuple[str, str], ...]
    low_to: int = 0
    base: int = 1
    roll_at_least: int = 0
    sensitive_from: int = 1
    sensitive_to: int = 0
    least_width: int = 0
    all_share: float = 1.0
    school_time: str = "term"
    ladder: tuple[Detail, ...] = ()
    pooled: PooledRule = PooledRule()

    @property
    def is_protected(self) -> bool:
        return self.method is not Method.NONE

    @property
    def least_roll_of_half(self) -> int:
        """The least roll whose halves are both as wide as the least width: of 12, less than half is 0 to 5."""
        return 2 * (self.least_width + 1)


def check_policy(policy: Policy) -> Policy:
    """Does the policy keep what it promises? Raises UsageError with every rule that contradicts another."""
    if wrong := [*_contradictions(policy), *_without_reason(policy)]:
        raise UsageError(
            f"The policy `{policy.name}` contradicts itself: {'; '.join(wrong)}.",
            try_this="start from the policy `public`, which `dueregard policies public` prints.",
        )
    return policy


def _contradictions(policy: Policy) -> list[str]:
    """What cannot hold together, in words."""
    wrong = []
    if policy.audience not in AUDIENCES:
        wrong.append(f"its audience is none of {', '.join(AUDIENCES)}")
    if not policy.is_protected:
        return wrong + (["it protects nothing, and is not internal"] if policy.audience != "internal" else [])
    wrong += _below_floor(policy) if policy.audience in UNBOUND else []
    if policy.low_to < policy.sensitive_to:
        wrong.append(f"counts to {policy.sensitive_to} are sensitive, but from {policy.low_to + 1} they are shown")
    if policy.low_to < policy.least_width:
        wrong.append(f"the band 0 to {policy.low_to} is narrower than least_width {policy.least_width}")
    if policy.sensitive_from < 1 or policy.sensitive_to < policy.sensitive_from or policy.least_width < 1:
        wrong.append("sensitive counts start at 1 or above, end at or above their start, and have a least width")
    if policy.method is Method.ROUNDING and (policy.base < 3 or policy.base % 2 == 0):
        wrong.append("it rounds, but base is not 3, 5 or another odd number, so that a count may lie half way")
    if policy.method is Method.SUPPRESSION and policy.base != 1:
        wrong.append("tables that add up are not rounded: base must be 1")
    if policy.roll_at_least <= policy.sensitive_to:
        wrong.append("a roll may be shown that is itself a sensitive count: roll_at_least must be above sensitive_to")
    if not 0.5 < policy.all_share < 1:
        wrong.append("all_share must lie above a half and below 1, else a whole group may be shown")
    return wrong + _wrong_ladder(policy) + _wrong_pooled(policy.pooled)


def _below_floor(policy: Policy) -> list[str]:
    """What is given to anybody is protected at least so far, whatever a policy is called."""
    given = (min(policy.low_to, policy.sensitive_to), policy.least_width, policy.roll_at_least)
    floor = (FLOOR_BAND, FLOOR_WIDTH, FLOOR_ROLL)
    if policy.sensitive_from > 1 or any(one < least for one, least in zip(given, floor, strict=True)):
        return [f"for the audience {policy.audience}, counts of 1 to {FLOOR_BAND} at least are low and sensitive, least_width is "
                f"{FLOOR_WIDTH} or more, and roll_at_least {FLOOR_ROLL} or more"]  # fmt: skip
    return []


def is_shipped(policy: Policy) -> bool:
    """Is it a policy that comes with dueregard, rule for rule?

    >>> is_shipped(policy_named("public"))
    True
    """
    return policies().get(policy.name) == policy


def _wrong_ladder(policy: Policy) -> list[str]:
    """The floors of place and time, and whether the ladder goes down."""
    wrong = []
    if policy.school_time not in TIMES or TIMES.index(policy.school_time) < TIMES.index("term"):
        wrong.append("school_time is finer than a term")
    for rung in policy.ladder:
        if rung.place not in PLACES or rung.time not in TIMES or rung.columns < 1:
            wrong.append("a rung of the ladder names no place, time or columns that exist")
        elif (
            rung.place == "school"
            and policy.school_time in TIMES
            and TIMES.index(rung.time) < TIMES.index(policy.school_time)
        ):
            wrong.append("the ladder allows a figure of a school that is finer than its school_time")
    if not policy.ladder:
        wrong.append("it has no ladder, so no release could be coarsened")
    return wrong


def _wrong_pooled(rule: PooledRule) -> list[str]:
    floor = PooledRule()
    is_looser = rule.schools < floor.schools or rule.events < floor.events
    if is_looser or rule.largest_share > floor.largest_share or rule.digits > floor.digits:
        return ["its rule for pooled figures is looser than 10 schools, 10 events, half of the events, three digits"]
    return []


NEEDS_REASON = ("method", "low_to", "roll_at_least", "all_share", "school_time", "ladder")


def _without_reason(policy: Policy) -> list[str]:
    given = {rule for rule, why in policy.reasons if why.strip()}
    needed = NEEDS_REASON if policy.is_protected else ("method",)
    return [f"`{rule}` has no reason" for rule in needed if rule not in given]


@cache
def policies() -> dict[str, Policy]:
    """The policies that come with dueregard, by name."""
    text = files("dueregard.disclose").joinpath("policies.toml").read_text(encoding="utf-8")
    return {name: policy_of(name, table) for name, table in tomllib.loads(text).items()}


def policy_named(name: str) -> Policy:
    """A policy by its name, or from a TOML file with one policy.

    Raises UnknownName, SourceError (the file cannot be read), or UsageError (it contradicts itself).

    >>> policy_named("public").base
    5
    """
    if name.endswith(".toml"):
        return _read_policy(Path(name))
    if name not in policies():
        raise UnknownName("policy", name, policies())
    return policies()[name]


def _read_policy(path: Path) -> Policy:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise SourceError(f"{path.name} cannot be read as TOML.", try_this="one policy in one table.") from fault
    if len(tables) != 1 or not all(isinstance(table, dict) for table in tables.values()):
        raise UsageError(f"{path.name} does not hold one policy.", try_this="one table, such as `[our_panel]`.")
    [(name, table)] = tables.items()
    made = policy_of(name, table)
    if name in policies() and not is_shipped(made):
        raise UsageError(
            f"{path.name} calls its policy `{name}`, like one that comes with dueregard, and has other rules.",
            try_this="a name of your own, such as `[our_panel]`: a release says by which policy it was made.",
        )
    return made


def policy_of(name: str, table: dict[str, Any]) -> Policy:
    """A policy from its table; checked."""
    known = {field.name for field in fields(Policy)} - {"name"}
    if unknown := sorted(set(table) - known):
        raise UnknownName("rule of a policy", unknown[0], sorted(known))
    try:
        made = Policy(name=name, **(table | _made_of(table)))
        return check_policy(made)
    except (TypeError, KeyError, ValueError, AttributeError) as fault:
        raise UsageError(
            f"The policy `{name}` lacks a rule, or has one of the wrong type.",
            try_this="the rules of `public`, which `dueregard policies public` prints.",
        ) from fault


def _made_of(table: dict[str, Any]) -> dict[str, Any]:
    return {
        "method": Method(table["method"]),
        "reasons": tuple(table["reasons"].items()),
        "ladder": tuple(Detail(**rung) for rung in table.get("ladder", ())),
        "pooled": PooledRule(**table.get("pooled", {})),
    }
