"""What may be shown, and what it would give away: policies, attack."""

from __future__ import annotations

from pathlib import Path

from dueregard.cli.app import DONE, FAULTS, Json, app, print_json, show
from dueregard.errors import UsageError


@app.command
def policies(name: str | None = None, /, *, json: Json = False) -> int:
    """The policies: who may see what of a count, each rule with its reason.

    Parameters
    ----------
    name
        One policy, such as public; or a TOML file with one of your own, which is checked.
    """
    from dueregard.disclose.policy import policies as known
    from dueregard.disclose.policy import policy_named
    from dueregard.terminal.attack import policies_told

    return show(policies_told([*known().values()] if name is None else [policy_named(name)]), json)


@app.command
def attack(
    *releases: Path, ledger: Path | None = None, policy: str = "public", seconds: float = 60.0, json: Json = False
) -> int:
    """What would a patient reader learn of the small counts from these releases, read together?

    Parameters
    ----------
    releases
        Bundles that `dueregard publish` wrote, reports, or files of published figures; earlier ones first.
    ledger
        A ledger: every release that was public is read with them.
    policy
        Which counts are small, and how far apart their limits must stay.
    seconds
        The longest time for one question to the solver.
    """
    from dueregard import steps
    from dueregard.progress import for_this_terminal
    from dueregard.terminal.attack import attack_as_json, print_attack

    if not releases and ledger is None:
        raise UsageError("There is no release to attack.", try_this="`dueregard attack RELEASE`, or `--ledger DIR`.")
    found = steps.attack(list(releases), ledger=ledger, policy=policy, seconds=seconds, progress=for_this_terminal())
    if json:
        print_json(attack_as_json(found))
    else:
        print_attack(found)
    return DONE if found.is_safe else FAULTS
