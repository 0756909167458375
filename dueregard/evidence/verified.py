"""What was tested of a release by somebody who may hold the folder alone, and what was found."""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.evidence.ledger import State


@dataclass(frozen=True, slots=True)
class Check:
    """One test. holds None: it was not made, and `said` tells why. faults: each in words."""

    id: str
    title: str
    holds: bool | None
    said: str
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verified:
    """Every test of one bundle. release, version, state, sha256: as the signature files tell; None where they tell nothing.

    key: against which the signatures were tested. key_is_own: it came from the bundle itself, so a forger's would do.
    """

    release: str | None
    version: str | None
    state: State | None
    sha256: str | None
    key: str | None
    key_is_own: bool
    checks: tuple[Check, ...]

    @property
    def is_whole(self) -> bool:
        """Is nothing wrong with it? A bundle of any state may be whole."""
        return not any(check.holds is False for check in self.checks) and self.release is not None


def verified_as_json(found: Verified) -> dict[str, object]:
    """For programs. holds: true, false, or null where it was not tested."""
    return {
        "whole": found.is_whole,
        "release": found.release,
        "version": found.version,
        "state": None if found.state is None else str(found.state),
        "content_sha256": found.sha256,
        "key": found.key,
        "key_is_own": found.key_is_own,
        "checks": [{"id": c.id, "title": c.title, "holds": c.holds, "said": c.said, "faults": list(c.faults)}
                   for c in found.checks],
    }  # fmt: skip
