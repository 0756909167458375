"""How far did each involvement go? Stages, in order of date, with the shares that the truth sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dueregard.synth.ages import ages, is_of_age
from dueregard.synth.draws import Frame, choose, choose_rows, happens, rows_of, where
from dueregard.synth.events import Happened
from dueregard.synth.truth import ENDS_NOT_CHARGED, ENDS_NOT_SENT, SUSPECT
from dueregard.synth.world import World

UNKNOWN_SUSPECT = "18"
UNDER_AGE, NOT_TAKEN_FURTHER = "11", "21"  # of suspects below ten; of those in year 5 who are ten
AGE_OF_RESPONSIBILITY = 10
UNKNOWN_SUSPECT_SHARE = 0.5  # of those whom nobody could identify: the act was recorded as a crime
# Days from the step before, whichever that was: least and most. Illustrative.
LAGS = {"report_made_intelligence": (0, 4), "report_made_safeguarding": (0, 3), "recorded_as_suspect": (0, 3),
        "interviewed": (1, 25), "arrested": (0, 15), "detained": (0, 0), "sent_to_cps": (14, 70),
        "charged": (7, 60), "court": (21, 120), "disposal": (0, 60)}  # fmt: skip
LAG_OF_END = (10, 75)
STEPS = ("report_made_intelligence", "report_made_safeguarding", "recorded_as_suspect", "interviewed", "arrested",
         "detained", "sent_to_cps", "court", "disposal")  # fmt: skip
DECIDED_BY = {"report_made_intelligence": {"officer": 1.0}, "report_made_safeguarding": {"officer": 1.0},
              "recorded_as_suspect": {"officer": 0.6, "sergeant": 0.3, "unknown": 0.1},
              "interviewed": {"officer": 0.8, "sergeant": 0.2}, "arrested": {"officer": 1.0},
              "detained": {"custody_officer": 1.0}, "sent_to_cps": {"police_decision_maker": 1.0},
              "court": {"prosecutor": 1.0}, "disposal": {"court": 1.0}}  # fmt: skip
REASONS = {"recorded_as_suspect": {"serious_harm": 0.3, "victim_wish": 0.4, "repeat": 0.2, "other": 0.1},
           "interviewed": {"evidence": 0.9, "unknown": 0.1}, "arrested": {"necessity": 0.7, "evidence": 0.3},
           "detained": {"necessity": 1.0}, "sent_to_cps": {"serious_harm": 0.6, "repeat": 0.4},
           "court": {"other": 1.0}, "disposal": {"guilty_plea_or_finding": 1.0}}  # fmt: skip
BEHAVIOUR_OFFENCE = {"PP": "1", "PA": "1", "VP": "9", "VA": "9", "OW": "10", "BU": "9", "RA": "9", "SM": "2",
                     "DA": "8", "DM": "7", "TH": "6", "MT": "11"}  # fmt: skip
# Suspicions name an act; other contacts often name none. Reasons of the 16-code list of these years. Illustrative.
ACTS = {"PP": 0.26, "PA": 0.10, "VP": 0.09, "VA": 0.10, "OW": 0.12, "BU": 0.04, "RA": 0.02, "SM": 0.04, "DA": 0.10,
        "DM": 0.05, "TH": 0.06, "MT": 0.02}  # fmt: skip
CONCERNS = {"PP": 0.12, "VP": 0.07, "VA": 0.10, "BU": 0.06, "RA": 0.01, "DA": 0.06, "TH": 0.03, "DB": 0.14, "MT": 0.05,
            "welfare": 0.18, "none_alleged": 0.13, "other": 0.03, "unknown": 0.02}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Climb:
    """reached: stage -> day on which each involvement reached it, or -1. Shape (n_involvements,).

    end, end_day: the Home Office outcome, blank if none yet, and its day.
    behaviour: shape (n_contacts,).
    """

    reached: Mapping[str, np.ndarray]
    end: np.ndarray
    end_day: np.ndarray
    behaviour: np.ndarray

    def is_at(self, stage: str) -> np.ndarray:
        return self.reached[stage] >= 0


def climb(rng: np.random.Generator, world: World, seen: Happened) -> Climb:
    """Which stages does each involvement reach, and when? A step after the last day has not happened yet."""
    passed = _gates(rng, world, seen)
    latest = seen.day[seen.contact]
    reached = {stage: np.where(passed[stage], latest, -1) for stage in ("contact", "power_used", "support_offered")}
    for stage, (least, most) in LAGS.items():
        latest = np.where(passed[stage], latest + rng.integers(least, most + 1, len(latest)), latest)
        reached[stage] = np.where(passed[stage] & (latest < world.days.n), latest, -1)
    end = _ends(rng, world, seen, passed)
    end_day = np.where(passed["charged"], reached["charged"], latest + rng.integers(*LAG_OF_END, len(latest)))
    is_decided = (end != "") & (end_day >= 0) & (end_day < world.days.n)
    behaviour = _behaviours(rng, seen, passed[SUSPECT])
    return Climb(reached, where(is_decided, end, ""), np.where(is_decided, end_day, -1), behaviour)


def _gates(rng: np.random.Generator, world: World, seen: Happened) -> dict[str, np.ndarray]:
    """Does each involvement pass each gate of the truth? Whom nobody could identify is never a suspect, and no child below
    the age of criminal responsibility goes beyond the record of one."""
    group, of_age = world.pupils.group[seen.pupil], is_of_age(world, seen)
    passed = {"contact": seen.is_ladder}
    for gate in world.truth.gates:
        passed[gate.stage] = passed[gate.given] & happens(rng, gate.shares()[group], len(group))
        if gate.stage not in ("referred_by_school", "power_used"):
            passed[gate.stage] &= seen.is_known
        if gate.given == SUSPECT:
            passed[gate.stage] &= of_age
    return passed


def _ends(rng: np.random.Generator, world: World, seen: Happened, passed: Mapping[str, np.ndarray]) -> np.ndarray:
    """The outcome of each suspect, and of some acts whose doer could not be identified; blank for the others."""
    n = len(seen.contact)
    charged_or_not = choose(rng, ENDS_NOT_CHARGED, n)
    by_group = choose_rows(rng, world.truth.ends_not_sent(), world.pupils.group[seen.pupil])
    end = where(passed["sent_to_cps"], charged_or_not, np.array(list(ENDS_NOT_SENT))[by_group])
    end = where(passed["charged"], "1", end)
    young = where(ages(world, seen) < AGE_OF_RESPONSIBILITY, UNDER_AGE, NOT_TAKEN_FURTHER)
    end = where(is_of_age(world, seen), end, young)
    end = where(passed[SUSPECT], end, "")
    unknown = seen.is_ladder & ~seen.is_known & happens(rng, UNKNOWN_SUSPECT_SHARE, n)
    return where(unknown, UNKNOWN_SUSPECT, end)


def _behaviours(rng: np.random.Generator, seen: Happened, is_suspect: np.ndarray) -> np.ndarray:
    """The act of each contact: one that the law knows where anybody is a suspect."""
    suspected = np.isin(np.arange(seen.n), seen.contact[is_suspect])
    return where(suspected, choose(rng, ACTS, seen.n), choose(rng, CONCERNS, seen.n))


def step_frame(rng: np.random.Generator, world: World, seen: Happened, up: Climb, names: Mapping) -> Frame:
    """One row a step, by contact, pupil and day. names: contact_ref and pupil_ref of each involvement."""
    parts = [_steps_of(rng, world, seen, up, stage, names) for stage in STEPS]
    frame = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    rung = np.concatenate([np.full(len(part["stage"]), n) for n, part in enumerate(parts)])
    return rows_of(frame, np.lexsort((rung, frame["occurred_on"], frame["pupil_ref"], frame["contact_ref"])))


def _steps_of(rng: np.random.Generator, world: World, seen: Happened, up: Climb, stage: str, names: Mapping) -> Frame:
    rows = np.flatnonzero(up.is_at(stage))
    plain, _, report = stage.partition("report_made_")
    act = up.behaviour[seen.contact[rows]]
    offence = [BEHAVIOUR_OFFENCE.get(code, "") for code in act.tolist()]
    return {
        "contact_ref": names["contact_ref"][rows],
        "pupil_ref": names["pupil_ref"][rows],
        "stage": np.full(len(rows), plain or "report_made", dtype=object),
        "occurred_on": world.days.date_text(up.reached[stage][rows]),
        "offence_group": np.array([""] * len(rows) if report else offence, dtype=object),
        "decided_by": choose(rng, DECIDED_BY[stage], len(rows)).astype(object),
        "reason": choose(rng, {report: 1.0} if report else REASONS[stage], len(rows)).astype(object),
    }


def outcome_frame(world: World, up: Climb, names: Mapping) -> Frame:
    """One row an outcome."""
    rows = np.flatnonzero(up.end_day >= 0)
    return {
        "contact_ref": names["contact_ref"][rows],
        "pupil_ref": names["pupil_ref"][rows],
        "outcome": up.end[rows],
        "decided_on": world.days.date_text(up.end_day[rows]),
    }
