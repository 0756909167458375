"""From one code list to another: which code becomes which, and what can no longer be told after that step.

A crosswalk is a CSV file in `crosswalks/`, one row a step. A code may have several targets, and then no figure may use
it before a person has chosen.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dueregard.errors import UnknownName, UsageError
from dueregard.terms.lists import code_list, list_names
from dueregard.terms.missing import is_missing

FOLDER = Path(__file__).parent / "crosswalks"
BROAD_GROUP = "broad_group"


@dataclass(frozen=True, slots=True)
class Step:
    """One code becomes another. `loss` says in words what cannot be told any more, or is empty."""

    from_list: str
    from_code: str
    to_list: str
    to_code: str
    loss: str
    prov: str = ""


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """Which code of one list becomes which of another? A target may also be one of the four ways of missing."""

    name: str
    version: str
    from_list: str
    to_list: str
    steps: tuple[Step, ...]

    def steps_of(self, code: str) -> tuple[Step, ...]:
        """Every step of one code. Raises UnknownName if the list has no such code."""
        found = tuple(step for step in self.steps if step.from_code == code)
        if not found:
            raise UnknownName(f"code of {self.from_list}", code, self.codes)
        return found

    def targets(self, code: str) -> tuple[str, ...]:
        """What may this code mean in the other list?

        >>> crosswalk("dfe_ethnicity_main", "sde_18plus1").targets("OOTH")
        ('O9', 'O2')
        """
        return tuple(step.to_code for step in self.steps_of(code))

    def is_lossy(self, code: str) -> bool:
        """Can something no longer be told once this code is translated?"""
        return any(step.loss for step in self.steps_of(code))

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(step.from_code for step in self.steps))

    @property
    def ambiguous(self) -> tuple[str, ...]:
        """The codes that may mean several of the other list."""
        return tuple(code for code in self.codes if len(self.targets(code)) > 1)

    @property
    def is_function(self) -> bool:
        """Has each code one target?"""
        return not self.ambiguous

    def target(self, code: str, choices: Mapping[str, str] | None = None) -> str:
        """What does this code become? choices: a decision for codes that may mean several.

        Raises UsageError where there are several and none was chosen, or the choice is not one of them.

        >>> crosswalk("sde_16plus1", "sde_18plus1").target("W9", {"W9": "W9"})
        'W9'
        """
        known = self.targets(code)
        chosen = (choices or {}).get(code)
        if chosen in known:
            return chosen
        if chosen is None and len(known) == 1:
            return known[0]
        wrong = f", and `{chosen}` is none of them" if chosen is not None else ""
        raise UsageError(f"`{code}` of {self.from_list} may be {_either(known)} of {self.to_list}{wrong}.",
                         try_this=f"choose one of them for `{code}`; {self.name} does not guess.")  # fmt: skip

    def decided(self, choices: Mapping[str, str] | None = None) -> dict[str, str]:
        """Each code with its one target, once every ambiguous one is chosen.

        Raises UsageError that lists every code still to be chosen, with what it may be.
        """
        chosen = dict(choices or {})
        if unknown := sorted(set(chosen) - set(self.codes)):
            raise UnknownName(f"code of {self.from_list}", unknown[0], self.codes)
        if still := [code for code in self.ambiguous if code not in chosen]:
            listed = "; ".join(f"{code}: {_either(self.targets(code))}" for code in still)
            raise UsageError(f"{self.name} does not guess: some codes may mean several.",
                             try_this=f"a choice for each of these. {listed}.")  # fmt: skip
        return {code: self.target(code, chosen) for code in self.codes}


def _either(codes: tuple[str, ...]) -> str:
    return " or ".join(codes)


@cache
def crosswalks() -> tuple[Crosswalk, ...]:
    """Every crosswalk, in the order of the lists that they lead from and to."""
    order = {name: n for n, name in enumerate(list_names())}
    found = [_read(file) for file in sorted(FOLDER.glob("*.csv"))]
    return tuple(sorted(found, key=lambda x: (order[x.from_list], order[x.to_list])))


def _read(file: Path) -> Crosswalk:
    with file.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    steps = tuple(Step(r["from_list"], r["from_code"], r["to_list"], r["to_code"], r["loss"], r["prov"]) for r in rows)
    return Crosswalk(file.stem, rows[0]["version"], steps[0].from_list, steps[0].to_list, steps)


def crosswalk(from_list: str, to_list: str) -> Crosswalk:
    """The crosswalk between two lists. Raises UnknownName where there is none; it says which lead from there.

    >>> crosswalk("us_federal", "sde_18plus1")
    Traceback (most recent call last):
    ...
    dueregard.errors.UnknownName: There is no crosswalk from us_federal to `sde_18plus1`.
    Try: one of broad_group.
    """
    code_list(from_list)  # a list that does not exist is another error
    for found in crosswalks():
        if (found.from_list, found.to_list) == (from_list, to_list):
            return found
    raise UnknownName(f"crosswalk from {from_list} to", to_list, [x.to_list for x in crosswalks_from(from_list)])


def crosswalk_named(name: str) -> Crosswalk | None:
    """The crosswalk of this name; None where there is none."""
    return next((found for found in crosswalks() if found.name == name), None)


def crosswalks_from(name: str) -> tuple[Crosswalk, ...]:
    """Every crosswalk that leads from this list."""
    return tuple(found for found in crosswalks() if found.from_list == name)


def meanings(steps: tuple[Step, ...]) -> str:
    """The targets of one code in words: a code with its label, several with `or`.

    >>> meanings(crosswalk("sde_18plus1", "sde_16plus1").steps_of("A4"))
    'O1 Chinese'
    """
    return " or ".join(_named(step) for step in steps)


def _named(step: Step) -> str:
    if is_missing(step.to_code):
        return step.to_code
    label = code_list(step.to_list).labels[step.to_code]
    return step.to_code if label == step.to_code else f"{step.to_code} {label}"


def list_versions() -> dict[str, str]:
    """Which version of each list and crosswalk is in use? It is part of a snapshot's id."""
    lists = {name: code_list(name).version for name in list_names()}
    return lists | {found.name: found.version for found in crosswalks()}
