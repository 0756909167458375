"""Powers used on pupils: searches, force, handcuffs. Shares are illustrative."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dueregard.synth.draws import Frame, choose, happens, rows_of, where
from dueregard.synth.ladder import Climb

POWERS = {"stop_and_search": 0.46, "search_on_site": 0.20, "use_of_force": 0.15, "handcuffs": 0.09, "seizure": 0.07,
          "detention_for_search": 0.02, "strip_search": 0.01}  # fmt: skip
SECOND = 0.18  # share of uses after which handcuffs or force were used on the same pupil too
SECOND_POWERS = {"handcuffs": 0.6, "use_of_force": 0.4}
SEARCHES = ("stop_and_search", "search_on_site", "detention_for_search", "strip_search")
FORCE = ("use_of_force", "handcuffs")
SEARCH_OBJECT = {"Controlled drugs": 0.50, "Offensive weapons": 0.38, "Stolen goods": 0.09,
                 "Articles for use in criminal damage": 0.03}  # fmt: skip
LAW = {"Controlled drugs": "mda_s23", "Offensive weapons": "pace_s1", "Stolen goods": "pace_s1",
       "Articles for use in criminal damage": "pace_s1"}  # fmt: skip
LAW_ON_SITE = "cja_s139b"  # weapons on school premises
LAW_OF_FORCE = "pace_s117"
CLOTHING = {"none": 0.52, "outer": 0.36, "more_than_outer": 0.03, "unknown": 0.09}
TACTICS = {"use_of_force": {"Unarmed skills": 0.5, "Limb / body restraints": 0.2, "Ground restraint": 0.15,
                            "Tactical communication (with other tactic)": 0.15},
           "handcuffs": {"Compliant handcuffing": 0.75, "Non-compliant handcuffing": 0.25}}  # fmt: skip
FOUND = {"yes": 0.22, "no": 0.70, "unknown": 0.08}
INJURED = {"yes": 0.04, "no": 0.90, "unknown": 0.06}


def power_use_frame(rng: np.random.Generator, up: Climb, names: Mapping[str, np.ndarray]) -> Frame:
    """One row a use of a power. names: contact_ref and pupil_ref of each involvement."""
    once = np.flatnonzero(up.is_at("power_used"))
    again = once[happens(rng, SECOND, len(once))]
    rows = np.concatenate([once, again])
    power = np.concatenate([choose(rng, POWERS, len(once)), choose(rng, SECOND_POWERS, len(again))])
    frame = {"contact_ref": names["contact_ref"][rows], "pupil_ref": names["pupil_ref"][rows], "power": power}
    return rows_of(frame | _about(rng, power), np.argsort(rows, kind="stable"))


def _about(rng: np.random.Generator, power: np.ndarray) -> Frame:
    n = len(power)
    is_search, is_force = np.isin(power, SEARCHES), np.isin(power, FORCE)
    looked_for = where(is_search, choose(rng, SEARCH_OBJECT, n), "")
    law = np.array([LAW.get(code, "") for code in looked_for.tolist()], dtype=object)
    law = where((power == "search_on_site") & (looked_for == "Offensive weapons"), LAW_ON_SITE, law)
    clothing = where(power == "strip_search", "intimate_parts", choose(rng, CLOTHING, n))
    tactic = where(power == "handcuffs", *(choose(rng, TACTICS[one], n) for one in ("handcuffs", "use_of_force")))
    return {
        "legislation": where(is_force, LAW_OF_FORCE, where(law == "", "other", law)),
        "search_object": looked_for,
        "clothing_removal": where(is_search, clothing, ""),
        "tactic": where(is_force, tactic, ""),
        "item_found": where(is_search, choose(rng, FOUND, n), ""),
        "is_injured": where(is_force, choose(rng, INJURED, n), "no"),
    }
