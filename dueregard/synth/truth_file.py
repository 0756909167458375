"""A truth from a TOML file: every key is known, every value possible, or it is refused by its name."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from dueregard.errors import UsageError
from dueregard.synth.pupils import YEAR_GROUPS
from dueregard.synth.truth import OBSERVED, Gate, Intersection, Truth
from dueregard.terms.ethnicity import BROAD

SHARES = ("not_identified", "not_stated", "discordant", "sen_blank", "sen_unknown", "late", "in_holiday",
          "not_recorded", "roll_refused", "roll_not_obtained", "place_not_recorded")  # fmt: skip
SIGNED = ("posting_by_black_share", "posting_by_fsm", "posting_by_school_factor", "posting_safe")
POSITIVE = ("pupil_shape",)
NEEDS = ("N", "K", "E")
OF_INTERSECTION = {"ethnicity": BROAD, "sex": ("F", "M"), "sen_provision": NEEDS,
                   "sen_type": ("ASD", "SEMH", "SLCN", "MLD", "SPLD", "NSA", "SLD", "PD")}  # fmt: skip
MOST_RATE = 1000.0  # involvements per 1,000 pupil-years: one a pupil and year
NEAR = 1e-6  # by which a row of a matrix may miss 1: six decimals are what truth.toml writes


def read_truth(path: Path, *, start: Truth | None = None) -> Truth:
    """Which truth does a TOML file set? What it does not name stays as in `start`.

    A truth.toml that `synth` wrote is taken too: its `[dial]`. `start = "neutral"` in the file begins without any
    disparity. Raises UsageError with the key of whatever is unknown or impossible.
    """
    try:
        said = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as fault:
        raise UsageError(f"{path} cannot be read.", try_this="the path of a TOML file.") from fault
    except tomllib.TOMLDecodeError as fault:
        raise UsageError(f"{path} is not TOML: {fault}.", try_this="a file such as examples/neutral.toml.") from fault
    return truth_from(said["dial"] if isinstance(said.get("dial"), dict) else said, start=start)


def truth_from(said: Mapping[str, Any], *, start: Truth | None = None) -> Truth:
    """The same from what the file says."""
    said = dict(said)
    begin = said.pop("start", None)
    if begin not in (None, "neutral"):
        _refuse("start", "is neither absent nor `neutral`")
    truth = Truth.neutral() if begin else (start or Truth())
    changed: dict[str, Any] = {}
    for key, value in said.items():
        changed |= _changed(truth, key, value)
    found = replace(truth, **changed)
    check_truth(found)
    return found


def _changed(truth: Truth, key: str, value: Any) -> dict[str, Any]:
    known = [one.name for one in fields(Truth) if one.name not in ("gates", "intersections")]
    if key == "gate":
        return {"gates": _gates(truth, _table(key, value))}
    if key == "intersection":
        return {"intersections": _intersections(value)}
    if key not in known:
        names = ", ".join([*known, "gate", "intersection", "start"])
        raise UsageError(f"`{key}` is no key of a truth.", try_this=f"one of {names}.")
    if key == "observed_as":
        return {key: dict(truth.observed_as) | {group: _row(group, row) for group, row in _table(key, value).items()}}
    now = getattr(truth, key)
    if isinstance(now, Mapping):
        return {key: dict(now) | _numbers(key, value, tuple(now))}
    if isinstance(now, bool):
        return {key: value if isinstance(value, bool) else _refuse(key, "is not true or false")}
    if isinstance(now, int):
        return {key: value if type(value) is int and value >= 0 else _refuse(key, "is not a whole number, 0 or more")}
    return {key: _number(key, value)}


def _refuse(key: str, why: str) -> Any:
    raise UsageError(
        f"`{key}` {why}.", try_this="a value that a force can have; the guide to made-up forces lists them."
    )


def _number(key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) == float("inf"):
        _refuse(key, "is not a number")
    return float(value)


def _table(key: str, value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else _refuse(key, "is not a table")


def _numbers(key: str, value: Any, names: tuple[str, ...]) -> dict[str, float]:
    found = _table(key, value)
    for name in found:
        if name not in names:
            _refuse(f"{key}.{name}", f"is no key; {key} has {', '.join(names)}")
    return {name: _number(f"{key}.{name}", one) for name, one in found.items()}


def _row(group: str, value: Any) -> tuple[float, ...]:
    if group not in BROAD:
        _refuse(f"observed_as.{group}", f"is no group; there are {', '.join(BROAD)}")
    found = _numbers(f"observed_as.{group}", value, OBSERVED)
    return tuple(found.get(code, 0.0) for code in OBSERVED)


def _gates(truth: Truth, said: Mapping[str, Any]) -> tuple[Gate, ...]:
    for stage in said:
        if stage not in [gate.stage for gate in truth.gates]:
            _refuse(f"gate.{stage}", f"is no gate; there are {', '.join(gate.stage for gate in truth.gates)}")
    return tuple(_gate(gate, _table(f"gate.{gate.stage}", said.get(gate.stage, {}))) for gate in truth.gates)


def _gate(gate: Gate, said: Mapping[str, Any]) -> Gate:
    at = f"gate.{gate.stage}"
    for name in said:
        if name not in ("share", "by_group"):
            _refuse(f"{at}.{name}", "is no key; a gate has share and by_group")
    by_group = dict(gate.by_group) | _numbers(f"{at}.by_group", said.get("by_group", {}), BROAD)
    return replace(gate, share=_number(f"{at}.share", said.get("share", gate.share)), by_group=by_group)


def _intersections(value: Any) -> tuple[Intersection, ...]:
    if not isinstance(value, list):
        _refuse("intersection", "is not a list of tables: write [[intersection]]")
    return tuple(_intersection(_table("intersection", one)) for one in value)


def _intersection(said: Mapping[str, Any]) -> Intersection:
    allowed = OF_INTERSECTION | {"year_group": YEAR_GROUPS}
    for name, code in said.items():
        if name != "factor" and name not in allowed:
            _refuse(f"intersection.{name}", f"is no key; there are factor, {', '.join(allowed)}")
        codes = code if isinstance(code, list) else [code]
        if name != "factor" and not all(one in allowed[name] for one in codes):
            _refuse(f"intersection.{name}", f"holds a code that is none of {', '.join(allowed[name])}")
    if "factor" not in said:
        _refuse("intersection.factor", "is absent")
    years = said.get("year_group", [])
    named = {name: said[name] for name in OF_INTERSECTION if name in said}
    return Intersection(
        _number("intersection.factor", said["factor"]),
        year_group=tuple(years if isinstance(years, list) else [years]), **named,
    )  # fmt: skip


def check_truth(truth: Truth) -> None:
    """Raises UsageError with the key if no force can have this truth."""
    for one in fields(Truth):
        value = getattr(truth, one.name)
        values = value if isinstance(value, Mapping) and one.name != "observed_as" else {"": value}
        for key, number in values.items():
            if isinstance(number, int | float):
                _check_number(one.name, f"{one.name}.{key}".rstrip("."), number)
    for intersection in truth.intersections:
        if intersection.factor < 0:
            _refuse("intersection.factor", "is negative")
    _check_gates(truth)
    _check_missing(truth)
    _check_matrix(truth)


def _check_number(name: str, key: str, number: float) -> None:
    if number < 0 and name not in SIGNED:
        _refuse(key, "is negative")
    if name in SHARES and number > 1:
        _refuse(key, "is a share above 1")
    if name in ("with_officer", "without_officer") and number > MOST_RATE:
        _refuse(key, "is above 1,000 involvements per 1,000 pupils a year: a rate above one")
    if name == "posting_safe" and abs(number) > 1:
        _refuse(key, "adds more than 1 to a share")
    if name in POSITIVE and number <= 0:
        _refuse(key, "is not above 0")


def _check_gates(truth: Truth) -> None:
    for gate in truth.gates:
        if not 0 <= gate.share <= 1:
            _refuse(f"gate.{gate.stage}.share", "is not a share from 0 to 1")
        for group, share in zip(BROAD, gate.shares().tolist(), strict=True):
            if not 0 <= share <= 1:
                _refuse(f"gate.{gate.stage}.by_group.{group}", "makes a share that is not from 0 to 1")


def _check_missing(truth: Truth) -> None:
    told = truth.shares_of_groups("not_stated") + truth.shares_of_groups("not_recorded")
    for name, total in (("not_stated_by", told), ("roll_missing_by", truth.roll_missing().sum(axis=1))):
        for group, share in zip(BROAD, total.tolist(), strict=True):
            if share > 1:
                _refuse(f"{name}.{group}", "makes shares of missing ethnicity that exceed 1 together")


def _check_matrix(truth: Truth) -> None:
    for group, row in truth.observed_as.items():
        if any(share < 0 for share in row):
            _refuse(f"observed_as.{group}", "has a negative share")
        if abs(sum(row) - 1) > NEAR:
            _refuse(f"observed_as.{group}", f"sums to {sum(row):g}, not to 1")
