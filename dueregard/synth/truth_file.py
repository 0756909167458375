"""Reads the dials of a made-up force from a TOML file. An unknown key is refused by name, an impossible value with its key."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from dueregard.errors import SourceError, UnknownName, UsageError
from dueregard.synth.counted import ABOUT_POLICE, ABOUT_SAFETY, AGREE, most_who_agree
from dueregard.synth.truth import ENDS_NOT_SENT, OBSERVED, Gate, Intersection, Truth
from dueregard.terms.ethnicity import BROAD
from dueregard.terms.lists import code_list
from dueregard.terms.stages import OUT_OF_COURT

PRESETS: dict[str, Callable[[], Truth]] = {"default": Truth, "neutral": Truth.neutral}
SUM_MAY_MISS = 1e-9  # of the shares of a row: decimals that people write add up to one within rounding
MOST_LOAD = 1000.0
MOST_FACTOR = 1e6  # of any one factor: beyond it no draw can be made; what factors make together is asked apart
MOST_WHOLE = 10**18
MOST_OF_COUNT = 1000.0  # below which a source hides, or to which it rounds
MOST_OUT_OF_COURT = (
    math.floor(100 / sum(share for code, share in ENDS_NOT_SENT.items() if code in OUT_OF_COURT)) / 100
)  # all of them
MOST_TOGETHER = 100_000.0  # involvements per 1,000 pupil-years where every factor meets in one pupil: a hundred a year


@dataclass(frozen=True, slots=True)
class Dial:
    """One key of the file: what it may be (words for the page), the least and the most of each number, its keys."""

    means: str
    least: float = 0.0
    most: float = MOST_FACTOR
    keys: tuple[str, ...] = ()  # of a table; none for a plain number
    is_whole: bool = False


GROUPS = tuple(BROAD)
PER_1000 = "involvements per 1,000 pupil-years of a pupil to whom every factor is 1, by phase"
DIALS: dict[str, Dial] = {
    "with_officer": Dial(f"{PER_1000}, on school days with an officer posted", most=1000.0, keys=tuple(Truth().with_officer)),
    "without_officer": Dial(f"{PER_1000}, on other school days", most=1000.0, keys=tuple(Truth().without_officer)),
    "load": Dial("multiplies every rate of contact; 1 looks real, more makes work for a machine", most=MOST_LOAD),
    "by_ethnicity": Dial("factor on the rate of contact within a school, by group", keys=GROUPS),
    "by_sex": Dial("the same by sex", keys=tuple(Truth().by_sex)),
    "by_sen_provision": Dial("the same by SEN provision", keys=tuple(Truth().by_sen_provision)),
    "by_year_group": Dial("the same by year group", keys=tuple(Truth().by_year_group)),
    "responsible_from": Dial("the first year group (R is 0) of those who go beyond the record of a suspect; 0: all do", most=13.0, is_whole=True),
    "posting_by_ethnicity": Dial("factor on the rate with an officer posted, by group: a causal effect that differs", keys=GROUPS),
    "posting_on_sanction": Dial("what a posting makes of the school's own sanctions, by group", most=100.0, keys=GROUPS),
    "posting_on_safety": Dial("what a posting makes of the share that feels safe, by group", keys=GROUPS),
    "sanction_by_ethnicity": Dial("factor on the rate of the school's own sanctions, by group", most=100.0, keys=GROUPS),
    "sanction_by_sex": Dial("the same by sex", most=100.0, keys=tuple(Truth().sanction_by_sex)),
    "feels_by_ethnicity": Dial("factor on the share of pupils who feel safe, or know their officer, by group", keys=GROUPS),
    "trusts_by_ethnicity": Dial("factor on the share of pupils who trust the police, or would ask it for help, by group", keys=GROUPS),
    "out_of_court_by_ethnicity": Dial("multiplies the share of suspects not sent to the prosecutor whose case ends out of court, by group", most=MOST_OUT_OF_COURT, keys=GROUPS),
    "placement": Dial("how strongly postings follow free meals and the share of Black pupils; 0 is at random", least=-MOST_FACTOR),
    "selection": Dial("how strongly postings follow the log of the school's own factor, which no table shows", least=-MOST_FACTOR),
    "school_spread": Dial("standard deviation of the log of a school's own factor", most=3.0),
    "pupil_shape": Dial("shape of the gamma factor of a pupil: small means few pupils, many contacts", least=1e-3),
    "not_identified": Dial("share of involvements whose pupil could not be identified", most=1.0),
    "not_stated": Dial("share of identified pupils' involvements with ethnicity asked and declined", most=1.0),
    "not_stated_by_ethnicity": Dial("multiplies that share, by the pupil's true group", keys=GROUPS),
    "not_recorded": Dial("share of identified pupils' involvements whose ethnicity was left blank", most=1.0),
    "not_recorded_by_ethnicity": Dial("multiplies that share, by the pupil's true group", keys=GROUPS),
    "discordant": Dial("share of stated ethnicities that are another than the pupil's own", most=1.0),
    "place_not_recorded": Dial("share of contacts without a place", most=1.0),
    "sen_blank": Dial("share of involvements with SEN left blank", most=1.0),
    "sen_unknown": Dial("share of involvements with SEN unknown", most=1.0),
    "late": Dial("share of contacts recorded six or more days after", most=1.0),
    "in_holiday": Dial("share of contacts in a holiday", most=1.0),
    "suppress_below": Dial("the source hides counts of its roll below this; 0 hides none; its roll is of counts then", most=MOST_OF_COUNT, is_whole=True),
    "round_to": Dial("the source rounds counts of its roll to this; 0 rounds none; its roll is of counts then", most=MOST_OF_COUNT, is_whole=True),
}  # fmt: skip
COMPARED = (("by_ethnicity", "W"), ("by_sex", "F"), ("by_sen_provision", "N"))
TABLES_APART = ("preset", "intersection", "gates", "seen_as")


def read_truth(path: Path) -> Truth:
    """Which truth does this file set? Keys that it does not name keep the preset's values.

    Raises SourceError if the file cannot be read, UnknownName for a key that does not exist, UsageError for a value
    that cannot be, with its key.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return truth_of(tomllib.loads(text))
    except (OSError, UnicodeDecodeError) as fault:
        raise SourceError(f"`{path.name}` cannot be read.", try_this="check the name; it is a text file.") from fault
    except tomllib.TOMLDecodeError as fault:
        raise SourceError(f"`{path.name}` is not TOML: {fault}.", try_this="mend that line.") from fault
    except ValueError as fault:  # a whole number of thousands of digits
        raise SourceError(
            f"`{path.name}` holds a number that no program can read.", try_this="a shorter one."
        ) from fault


def truth_of(told: Mapping[str, Any]) -> Truth:
    """The truth that a mapping of keys sets.

    >>> truth_of({"preset": "neutral", "by_ethnicity": {"B": 2.0}}).relative_rates("charged")["B"]
    2.0
    """
    _known("key of a truth", told, (*TABLES_APART, *DIALS))
    preset = told.get("preset", "default")
    if not isinstance(preset, str) or preset not in PRESETS:
        raise UnknownName("preset of a truth", str(preset), PRESETS)
    truth = PRESETS[preset]()
    changed: dict[str, Any] = {name: _value(name, told[name], getattr(truth, name)) for name in DIALS if name in told}
    changed["intersection"] = _intersection(told.get("intersection", {}), truth.intersection)
    changed["gates"] = _gates(told.get("gates", {}), truth.gates)
    changed["seen_as"] = _seen_as(told.get("seen_as", {}), truth.seen_as)
    truth = replace(truth, **changed)
    check_truth(truth)
    return truth


def check_truth(truth: Truth) -> None:
    """Raises UsageError, with the key, if the dials together ask for what cannot be."""
    for name in ("with_officer", "without_officer"):
        for phase, rate in getattr(truth, name).items():
            if rate * truth.load > 1000:
                raise _impossible(f"{name}.{phase}", "with `load` it is a rate above one a pupil-year", "less")
            _check_together(truth, name, phase)
    _check_ratios(truth)
    _check_survey(truth)
    for gate in truth.gates:
        for group, share in zip(BROAD, gate.shares().tolist(), strict=True):
            if not 0 <= share <= 1:
                raise _impossible(f"gates.{gate.stage}", f"for {group} the share is {share:g}, not from 0 to 1", "less")
    for group in BROAD:
        gaps = [getattr(truth, gap) * getattr(truth, f"{gap}_by_ethnicity").get(group, 1.0)
                for gap in ("not_stated", "not_recorded")]  # fmt: skip
        if sum(gaps) > 1:
            raise _impossible("not_stated, not_recorded", f"for {group} the shares exceed one together", "less")
    if truth.sen_blank + truth.sen_unknown > 1:
        raise _impossible("sen_blank, sen_unknown", "the shares exceed one together", "less")


def _check_together(truth: Truth, name: str, phase: str) -> None:
    """A rate with every factor in one pupil: involvements per 1,000 pupil-years."""
    factors = _greatest_factors(truth, with_officer=name == "with_officer")
    together = getattr(truth, name)[phase] * math.prod(factors.values())
    if together > MOST_TOGETHER:
        named = ", ".join(f"`{key}` {one:g}" for key, one in sorted(factors.items(), key=lambda one: -one[1]))
        why = f"it is a rate of {together / 1000:,.0f} a pupil-year, above {MOST_TOGETHER / 1000:g}, where {named} meet in one pupil"
        raise _impossible(f"{name}.{phase}", why, "smaller factors, or a lower rate")


def _greatest_factors(truth: Truth, *, with_officer: bool) -> dict[str, float]:
    """What multiplies the rate of a pupil in whom the greatest factor of each kind meets, by key."""
    kinds = (
        "by_ethnicity",
        "by_sex",
        "by_sen_provision",
        "by_year_group",
        *(("posting_by_ethnicity",) if with_officer else ()),
    )
    found = {"intersection.factor": truth.intersection.factor}
    for kind in kinds:
        factors = getattr(truth, kind)
        if factors:
            code = max(factors, key=factors.__getitem__)
            found[f"{kind}.{code}"] = factors[code]
    return {key: factor for key, factor in found.items() if factor > 1}


def _check_ratios(truth: Truth) -> None:
    """What others are compared with may not be nothing."""
    for name, code in COMPARED:
        if not getattr(truth, name)[code] > 0:
            raise _impossible(f"{name}.{code}", "every other group is compared with it", "a number above 0")
    for phase, rate in truth.without_officer.items():
        if not rate > 0 and truth.with_officer[phase] > 0:
            raise _impossible(
                f"without_officer.{phase}",
                "what a posting makes of it cannot be told",
                "a number above 0, or 0 in `with_officer` as well",
            )


def _check_survey(truth: Truth) -> None:
    """No more than all agree with an item of the survey, or feel safe where an officer is posted."""
    for group in BROAD:
        for item in AGREE:
            if (share := most_who_agree(truth, group, (item,))) > 1:
                key = f"{'trusts' if item in ABOUT_POLICE else 'feels'}_by_ethnicity.{group}"
                raise _impossible(
                    key, f"the share that agrees with `{item}` would be {share:.2f}", f"at most {1 / AGREE[item]:.3f}"
                )
        safe = most_who_agree(truth, group, ABOUT_SAFETY)
        if (feels := truth.posting_on_safety.get(group, 1.0) * safe) > 1:
            raise _impossible(
                f"posting_on_safety.{group}",
                f"the share that feels safe would be {feels:.2f}",
                f"at most {1 / safe:.3f}",
            )


def _value(name: str, told: object, before: Any) -> object:
    dial = DIALS[name]
    if not dial.keys:
        found = _number(name, told, dial)
        return int(found) if dial.is_whole else found
    if not isinstance(told, dict):
        raise _impossible(name, "it is a table of numbers", f"[{name}] with one of {', '.join(dial.keys)} a line")
    _known(f"key of `{name}`", told, dial.keys)
    return {**before, **{key: _number(f"{name}.{key}", one, dial) for key, one in told.items()}}


def _number(key: str, told: object, dial: Dial) -> float:
    if (
        isinstance(told, bool)
        or not isinstance(told, int | float)
        or not (isinstance(told, int) or math.isfinite(told))
    ):
        raise _impossible(key, "it is not a number", "a number")
    if isinstance(told, int) and abs(told) > MOST_WHOLE:
        raise _impossible(key, f"it is above {MOST_WHOLE:g}", "a smaller number")
    if not dial.least <= told <= dial.most:
        raise _impossible(key, f"{told:g} is not from {dial.least:g} to {dial.most:g}", "a number in that range")
    if dial.is_whole and told != int(told):
        raise _impossible(key, f"{told:g} is not a whole number", "a whole number")
    return float(told)


def _intersection(told: Any, before: Intersection) -> Intersection:
    _known("key of `intersection`", _table("intersection", told), [field.name for field in fields(Intersection)])
    lists = {"ethnicity": GROUPS, "sex": tuple(Truth().by_sex), "year_group": tuple(Truth().by_year_group),
             "sen_type": code_list("sen_type").codes}  # fmt: skip
    for name, codes in lists.items():
        if name in told and told[name] not in codes:
            raise UnknownName(f"code of `intersection.{name}`", str(told[name]), codes)
    factor = _number("intersection.factor", told.get("factor", before.factor), Dial(""))
    return replace(before, **{**told, "factor": factor})


def _gates(told: Any, before: tuple[Gate, ...]) -> tuple[Gate, ...]:
    _known("stage of `gates`", _table("gates", told), [gate.stage for gate in before])
    return tuple(_gate(gate, told.get(gate.stage, {})) for gate in before)


def _gate(gate: Gate, told: Any) -> Gate:
    key = f"gates.{gate.stage}"
    _known(f"key of `{key}`", _table(key, told), ("share", "by_ethnicity"))
    factors = _table(f"{key}.by_ethnicity", told.get("by_ethnicity", {}))
    _known(f"key of `{key}.by_ethnicity`", factors, GROUPS)
    factors = {group: _number(f"{key}.by_ethnicity.{group}", one, Dial("")) for group, one in factors.items()}
    share = _number(f"{key}.share", told.get("share", gate.share), Dial("", most=1.0))
    return replace(gate, share=share, by_group={**gate.by_group, **factors})


def _seen_as(told: Any, before: Mapping[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
    _known("group of `seen_as`", _table("seen_as", told), GROUPS)
    return {group: _row(f"seen_as.{group}", told[group]) if group in told else row for group, row in before.items()}


def _row(key: str, told: Any) -> tuple[float, ...]:
    """One row of the confusion matrix; what is not named is 0."""
    _known(f"code of `{key}`", _table(key, told), OBSERVED)
    row = tuple(_number(f"{key}.{code}", told.get(code, 0.0), Dial("", most=1.0)) for code in OBSERVED)
    if abs(sum(row) - 1) > SUM_MAY_MISS:
        raise _impossible(key, f"its shares sum to {sum(row):g}, not to 1", "shares that sum to one")
    return row


def _table(key: str, told: Any) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise _impossible(key, "it is not a table", f"[{key}]")
    return told


def _known(what: str, told: Iterable[str], known: Iterable[str]) -> None:
    names = list(known)
    for name in told:
        if name not in names:
            raise UnknownName(what, name, names)


def _impossible(key: str, why: str, instead: str) -> UsageError:
    return UsageError(f"The truth cannot be set: `{key}`: {why}.", try_this=f"{instead}.")
