"""The steps of the work in their order. The one place that opens an engine, writes, and tells how it goes.

files -collect-> INTAKE -check-> CHECKED -freeze-> SNAPSHOT -engine.count(MEASURE)-> CELLS -compare-> ANSWER
ANSWERS -report-> REPORT -render-> files -verify-> what does not follow
"""

from dueregard.steps.answers import answerable, compare, losses, standardise
from dueregard.steps.attack import attack
from dueregard.steps.difference import difference
from dueregard.steps.files import (
    check,
    check_rejects,
    freeze,
    propose_mapping,
    score,
    synth,
    write_findings,
    write_rejects,
)
from dueregard.steps.gates import gates
from dueregard.steps.open import now, open_engine, open_snapshot
from dueregard.steps.pathway import decompose
from dueregard.steps.publish import Wanted, publish
from dueregard.steps.release import (
    approve_release,
    correct_release,
    export_release,
    hash_of_bundle,
    move_release,
    releases_of,
)
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
    "Wanted",
    "about_of",
    "answerable",
    "approve_release",
    "attack",
    "audit_checkpoint",
    "audit_export",
    "audit_verify",
    "backup",
    "check",
    "check_rejects",
    "compare",
    "compose",
    "correct_release",
    "decompose",
    "difference",
    "export_release",
    "freeze",
    "freeze_store",
    "gates",
    "hash_of_bundle",
    "intersections",
    "is_release",
    "losses",
    "move_release",
    "now",
    "open_engine",
    "open_snapshot",
    "propose_mapping",
    "publish",
    "releases_of",
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
