"""Is a bundle what was released? Tested by an outsider: signatures, hashes, every figure, every file, the policy, the attacker.

With the snapshot also: is every shown count the protection of the true one?
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from dueregard import __version__
from dueregard.errors import DueRegardError, SealBroken, SnapshotError
from dueregard.progress import QUIET, Quiet

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from dueregard.evidence.ledger import Content
    from dueregard.evidence.released import Released
    from dueregard.evidence.standing import Standing
    from dueregard.evidence.verified import Check, Verified
    from dueregard.seal.signature import PublicKey

SIG = "sig"  # files with it in their names tell key, person, time and place in the ledger; no other does
OWN_MARKS = ("hidden.html", "datapackage.json")
SECONDS = 60.0
STRANGE = (LookupError, ValueError, TypeError, AttributeError, AssertionError, ArithmeticError, RecursionError)


class Bundle:
    """A bundle while it is tested: its files, and what can be read of them. Nothing of it is believed.

    given: the key that was asked for; without one, the bundle's own is used. unread: what could not be read, in words.
    """

    def __init__(self, files: dict[str, bytes], given: PublicKey | None = None) -> None:
        self.files, self.given = files, given
        self.unread: list[str] = []
        self.plain = {name: content for name, content in files.items() if SIG not in name}
        self.signed = {name: content for name, content in files.items() if SIG in name}

    @cached_property
    def standing(self) -> Standing | None:
        from dueregard.publish.release_status import CHECKPOINT, SIGNATURES
        from dueregard.release.standing import read_standing

        try:
            return read_standing(self.files.get(SIGNATURES, b""), self.files.get(CHECKPOINT, b""))
        except DueRegardError as fault:
            self.unread.append(fault.found)
            return None

    @cached_property
    def public(self) -> PublicKey | None:
        from dueregard.seal.signature import PublicKey

        if self.given is not None or self.standing is None:
            return self.given
        try:
            return PublicKey.read(self.standing.key)
        except SealBroken as fault:
            self.unread.append(fault.found)
            return None

    @cached_property
    def released(self) -> Released | None:
        from dueregard.publish.release_file import FIGURES, read_released

        try:
            return read_released(self.files.get(FIGURES, b""))
        except SnapshotError as fault:
            self.unread.append(fault.found)
            return None

    @property
    def content(self) -> Content | None:
        return None if self.standing is None else self.standing.record.content


def is_release(folder: Path) -> bool:
    """Is this folder a release rather than a report? Told by any of its own files, so that one lost file does not change it."""
    if not folder.is_dir():
        return False
    names = {entry.name for entry in folder.iterdir()}
    return any(f".{SIG}." in name for name in names) or bool(names & set(OWN_MARKS))


def verify_release(
    folder: Path, *, key: str | None = None, snapshot_path: Path | None = None, seconds: float = SECONDS, progress: Quiet = QUIET
) -> Verified:  # fmt: skip
    """What of this bundle holds, and what does not?

    key: the public key of the ledger, as text or as a file that holds it, from a source other than the bundle.
    Raises SealBroken where `key` is no key, SnapshotError where the folder or the snapshot cannot be read.
    """
    bundle = read_bundle(folder, key)
    tests: tuple[Callable[[Bundle], Check], ...] = (
        readable, signatures, hashes, figures, files_again, policy_kept, lambda one: attacked(one, seconds),
    )  # fmt: skip
    checks = []
    with progress.step("Verifying", total=len(tests)) as advance:
        for test in tests:
            checks.append(made(test, bundle))
            advance(checks[-1].title)
    checks += _with_snapshot(bundle, snapshot_path, progress)
    progress.done(f"made {sum(check.holds is not None for check in checks)} tests")
    return _verified(bundle, key is None, tuple(checks))


def made(test: Callable[[Bundle], Check], bundle: Bundle) -> Check:
    """One test. A file that was forged may hold anything: what no test foresaw is a fault of the file, not an end of the tests."""
    from dueregard.evidence.verified import Check

    try:
        return test(bundle)
    except (DueRegardError, *STRANGE) as fault:
        why = (
            fault.found
            if isinstance(fault, DueRegardError)
            else f"its figures fit no release ({type(fault).__name__})."
        )
        return Check("strange", "The figures are those of a release", False, "does not hold", (why,))


def _verified(bundle: Bundle, key_is_own: bool, checks: tuple[Check, ...]) -> Verified:
    from dueregard.evidence.verified import Verified

    key = None if bundle.public is None else bundle.public.text()
    if bundle.standing is None:
        return Verified(None, None, None, None, key, key_is_own, checks)
    record = bundle.standing.record
    return Verified(record.release, record.version, record.state, record.sha256, key, key_is_own, checks)


def read_bundle(folder: Path, key: str | None) -> Bundle:
    """The files of a folder. What is no plain file in it counts as an empty one, which no release has."""
    if not folder.is_dir():
        raise SnapshotError(f"`{folder.name}` is no folder.", try_this="the folder of the release.")
    files = {entry.name: entry.read_bytes() if entry.is_file() and not entry.is_symlink() else b"" for entry in
             sorted(folder.iterdir())}  # fmt: skip
    return Bundle(files, None if key is None else public_key(key))


def public_key(told: str) -> PublicKey:
    """The key of a text, or of a file that holds it. Raises SealBroken where it is none."""
    from dueregard.seal.signature import PublicKey

    path = Path(told)
    try:
        text = path.read_text(encoding="utf-8") if not told.startswith("ed25519:") and path.is_file() else told
    except (OSError, ValueError) as fault:
        raise SealBroken(
            f"The key cannot be read from `{path.name}`.", try_this="the key itself, after `--key`."
        ) from fault
    return PublicKey.read(text)


def _check(id: str, title: str, said: str, faults: list[str]) -> Check:
    from dueregard.evidence.verified import Check

    return Check(id, title, not faults, "does not hold" if faults else said, tuple(faults))


def _untested(id: str, title: str, why: str) -> Check:
    from dueregard.evidence.verified import Check

    return Check(id, title, None, why)


def readable(bundle: Bundle) -> Check:
    for part in (bundle.standing, bundle.public, bundle.released):  # each is read once, and says what it could not read
        assert part is not None or bundle.unread
    return _check("readable", "The files can be read", "the figures and the signature files are as dueregard writes them",
                  bundle.unread)  # fmt: skip


def signatures(bundle: Bundle) -> Check:
    """Did the key's holder sign this state, these entries, this checkpoint; and are the signature files as they were made?"""
    from dueregard.publish.release_status import NAMES, signature_files
    from dueregard.release.standing import check_standing

    title = "Signatures, and the ledger’s entries"
    if bundle.standing is None or bundle.public is None:
        return _untested("signatures", title, "not tested: the signature files cannot be read")
    faults = [f"{name} is not part of a release." for name in bundle.signed if name not in NAMES]
    try:
        check_standing(bundle.standing, bundle.public)
    except SealBroken as fault:
        faults.append(fault.found)
    if bundle.standing.key != bundle.public.text():
        faults.append("The key that the bundle gives is not the key that you gave.")
    again = signature_files(bundle.standing)
    faults += differences({name: bundle.signed[name] for name in bundle.signed if name in NAMES}, again, "its standing")
    return _check("signatures", title, "signed by the key, and every entry stands under the signed root", faults)


def hashes(bundle: Bundle) -> Check:
    """Is every file the one that was entered in the ledger?"""
    from dueregard.release.workflow import content_hash

    title = "Hashes of all files"
    if bundle.standing is None or bundle.content is None:
        return _untested("hashes", title, "not tested: the signature files cannot be read")
    entered = dict(bundle.content.files)
    held = {name: hashlib.sha256(content).hexdigest() for name, content in bundle.plain.items()}
    faults = [f"{name} is not part of this release." for name in held if name not in entered]
    faults += [f"{name} is missing." for name in entered if name not in held]
    faults += [f"{name} is not the file that was entered: its hash differs." for name in entered
               if name in held and held[name] != entered[name]]  # fmt: skip
    if content_hash(entered.items()) != bundle.standing.record.sha256:
        faults.append("The hash of the content is not that of its files.")
    return _check("hashes", title, f"all {len(entered)} files are those that were entered in the ledger", faults)


def figures(bundle: Bundle) -> Check:
    """Does every direct figure follow from the protected counts?"""
    from dueregard.assess.words import estimand_of
    from dueregard.disclose.figures import direct_figures
    from dueregard.publish.release_rebuild import figures_that_differ
    from dueregard.steps.release_content import lost_of

    title = "Every direct figure from the protected counts"
    if bundle.released is None:
        return _untested("figures", title, "not tested: figures.json cannot be read")
    released = bundle.released
    faults = figures_that_differ(released, direct_figures)
    if lost_of(released.published) != released.lost:
        faults.append("What was lost by the protection does not follow from the counts.")
    for question in released.questions:
        periods = question_periods(released, question.id) or question.periods
        if estimand_of(question.measure, periods, question.comparison or None) != question.estimand:
            faults.append(f"{question.id}: what it says that it counts is not what it counts.")
    n = sum(len(row.printed) for table in released.published.tables for row in table.rows)
    return _check("figures", title, f"all {n:,} printed numbers come out again, digit for digit", faults)


def question_periods(released: Released, question: str) -> tuple[str, ...]:
    """The periods of the main table of a question."""
    rows = [row for table in released.published.tables if table.id == question for row in table.rows]
    return tuple(dict.fromkeys(dict(row.of)["period"] for row in rows if "period" in dict(row.of)))


def files_again(bundle: Bundle) -> Check:
    """Does every file follow from figures.json, byte for byte?"""
    from dueregard.publish.release_bundle import render_release

    title = "Every file again, byte for byte"
    if bundle.released is None:
        return _untested("files", title, "not tested: figures.json cannot be read")
    again = render_release(bundle.released)
    faults = differences(bundle.plain, again, "figures.json")
    if faults and bundle.released.about.code_version != __version__:
        faults.append(f"It was made by dueregard {bundle.released.about.code_version}, and this is {__version__}: "
                      "another version may write files otherwise. Verify it with its own.")  # fmt: skip
    return _check("files", title, f"all {len(again)} files come out again from figures.json", faults)


def differences(files: dict[str, bytes], again: dict[str, bytes], what: str) -> list[str]:
    """Which files are not those that are made again, and where do they first differ?"""
    from dueregard.steps.verify import first_difference

    faults = [f"{name} does not follow from {what}: no such file is made." for name in files if name not in again]
    faults += [f"{name} is missing." for name in again if name not in files]
    faults += [f"{name} does not follow from {what}: {first_difference(files[name], again[name])}." for name in again
               if name in files and files[name] != again[name]]  # fmt: skip
    return faults


def policy_kept(bundle: Bundle) -> Check:
    from dueregard.steps.verify_policy import policy_faults, whose_policy

    title = "The policy is kept"
    if bundle.released is None:
        return _untested("policy", title, "not tested: figures.json cannot be read")
    faults = policy_faults(bundle.released, bundle.content)
    said = f"every count is one that the policy gives, and no table is finer than it allows; {whose_policy(bundle.released)}"
    return _check("policy", title, said, faults)


def attacked(bundle: Bundle, seconds: float) -> Check:
    """Does the attacker find a small number in what is published here?"""
    from dueregard.disclose.attack import attack
    from dueregard.steps.release_content import policy_from

    title = "The attacker finds no small number"
    if bundle.released is None:
        return _untested("attack", title, "not tested: figures.json cannot be read")
    try:
        policy = policy_from(bundle.released.about.policy_text)
        if not policy.is_protected:
            return _untested("attack", title, "not tested: the policy protects nothing, and is for internal use alone")
        found = attack([bundle.released.published], policy, is_exact=False, with_reasons=False, seconds=seconds)
    except DueRegardError as fault:
        return _check("attack", title, "", [f"The attacker came to no end: {fault.found}"])
    faults = [f"The count of {', '.join(f'{c} {v}' for c, v in one.of)} is narrowed to {one.at_least} to {one.at_most}."
              for one in found.narrowed]  # fmt: skip
    return _check("attack", title, f"none of {found.n_sensitive:,} counts that could be small is narrowed by this release alone",
                  faults)  # fmt: skip


def _with_snapshot(bundle: Bundle, path: Path | None, progress: Quiet) -> list[Check]:
    from dueregard.steps.verify_counts import count_checks, untested_counts

    if bundle.released is None or path is None:
        return untested_counts(bundle.released)
    return count_checks(bundle.released, path, progress)
