"""The steps of the work in their order. The one place that opens an engine, writes, and tells how it goes.

files -collect-> INTAKE -check-> CHECKED -freeze-> SNAPSHOT -engine.count(MEASURE)-> CELLS -compare-> ANSWER
ANSWERS -report-> REPORT -render-> files -verify-> what does not follow
"""

from dueregard.steps.answers import answerable, compare, losses, standardise
from dueregard.steps.attack import attack
from dueregard.steps.difference import difference
from dueregard.steps.files import check, freeze, propose_mapping, score, synth, write_findings, write_rejects
from dueregard.steps.gates import gates
from dueregard.steps.open import open_engine, open_snapshot
from dueregard.steps.pathway import decompose
from dueregard.steps.report import about_of, compose, report
from dueregard.steps.sensitivity import sensitivity
from dueregard.steps.store import (
    audit_checkpoint,
    audit_export,
    audit_verify,
    backup,
    freeze_store,
    restore,
    take_roll_file,
)
from dueregard.steps.understand import intersections
from dueregard.steps.verify import verify
from dueregard.steps.verify_release import is_release, verify_release

__all__ = [
    "about_of",
    "answerable",
    "attack",
    "audit_checkpoint",
    "audit_export",
    "audit_verify",
    "backup",
    "check",
    "compare",
    "compose",
    "decompose",
    "difference",
    "freeze",
    "freeze_store",
    "gates",
    "intersections",
    "is_release",
    "losses",
    "open_engine",
    "open_snapshot",
    "propose_mapping",
    "report",
    "restore",
    "score",
    "sensitivity",
    "standardise",
    "synth",
    "take_roll_file",
    "verify",
    "verify_release",
    "write_findings",
    "write_rejects",
]
