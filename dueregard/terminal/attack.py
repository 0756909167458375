"""What an attacker finds, and what the policies are."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from dueregard.terminal.table import table

if TYPE_CHECKING:
    from dueregard.disclose.attack import Attack, Narrowed
    from dueregard.disclose.policy import Policy

MOST_SHOWN = 20
LIMITS = (
    "It knows the sums, the hierarchies, the rolls that are shown and the printed numbers. It does not know what people "
    "remember, what other bodies publish, or how the hiding was chosen."
)


def print_attack(found: Attack) -> None:
    """First whether anything is given away, then what, by which figures, then the nearest to it."""
    from dueregard.disclose.build import named

    print(f"{sentence(found)}\n")
    print(f"Releases read together: {', '.join(found.releases)}.")
    for one in found.narrowed[:MOST_SHOWN]:
        print(f"\n{named(one.of)}: {_between(one)}.")
        for why in one.because:
            print(f"  given away by {why}")
    if len(found.narrowed) > MOST_SHOWN:
        print(f"\nAnd {len(found.narrowed) - MOST_SHOWN:,} more; `--json` has all.")
    if found.narrowest:
        print("\nThe narrowest of the counts that could be small:")
        rows = [[named(one.of), _range(one), str(one.need)] for one in found.narrowest]
        print(table(["count", "between", "least width"], rows))
    if found.revised:
        print(f"\n{len(found.revised):,} counts differ between releases and are taken for revised, each for itself.")
    print(f"\n{LIMITS}")


def sentence(found: Attack) -> str:
    """The answer in one sentence."""
    if found.is_safe:
        return f"Nothing is narrowed: {found.n_sensitive:,} of {found.n_counts:,} counts could be small, and none is given away."
    one = len(found.narrowed) == 1
    return (f"{len(found.narrowed):,} {'count is' if one else 'counts are'} given away, "
            f"printed or worked out; {found.n_sensitive:,} of the {found.n_counts:,} printed could be small.")  # fmt: skip


def _range(one: Narrowed) -> str:
    if one.at_most is None:
        return f"{one.at_least:,} or more"
    return f"{one.at_least:,} to {one.at_most:,}"


def _between(one: Narrowed) -> str:
    if one.whole_group:
        return f"at least {one.at_least:,}, which is nearly its whole group"
    if one.at_least == one.at_most:
        return f"exactly {one.at_least:,}"
    return f"between {_range(one)}; at least {one.need} apart is allowed"


def attack_as_json(found: Attack) -> dict[str, Any]:
    """The same as one document."""
    return {
        "sentence": sentence(found),
        "is_safe": found.is_safe,
        "releases": list(found.releases),
        "policy": found.policy,
        "n_counts": found.n_counts,
        "n_sensitive": found.n_sensitive,
        "narrowed": [_narrowed_as_json(one) for one in found.narrowed],
        "narrowest": [_narrowed_as_json(one) for one in found.narrowest],
        "revised": [dict(name) for name in found.revised],
        "does_not_know": LIMITS,
    }


def _narrowed_as_json(one: Narrowed) -> dict[str, Any]:
    return {
        "of": dict(one.of), "at_least": one.at_least, "at_most": one.at_most, "least_width": one.need,
        "because": list(one.because), "whole_group": one.whole_group,
    }  # fmt: skip


def policies_told(policies: list[Policy]) -> tuple[str, list[dict[str, Any]]]:
    """Each policy with its rules and their reasons, as text and as JSON."""
    return "\n\n".join(_policy_text(policy) for policy in policies), [policy_as_json(policy) for policy in policies]


def _policy_text(policy: Policy) -> str:
    reasons = dict(policy.reasons)
    lines = [f"{policy.name}: {policy.words}"]
    for rule, value in rules_of(policy):
        lines.append(f"  {rule}: {value}" + (f". {reasons[rule]}" if rule in reasons else ""))
    return "\n".join(lines)


def rules_of(policy: Policy) -> list[tuple[str, str]]:
    """(rule, value) of every rule that the policy uses."""
    left_out = {"name", "words", "reasons"} | (set() if policy.is_protected else {f.name for f in fields(policy)} - {"audience", "method"})  # fmt: skip
    return [(f.name, _value(getattr(policy, f.name))) for f in fields(policy) if f.name not in left_out]


def _value(value: Any) -> str:
    from dueregard.disclose.policy import Detail, PooledRule

    if isinstance(value, tuple):
        return "; ".join(_value(item) for item in value)
    if isinstance(value, Detail):
        crossed = "one column" if value.columns == 1 else f"{value.columns} columns"
        return f"{value.place} by {value.time}, {crossed}"
    if isinstance(value, PooledRule):
        return (f"at least {value.schools} schools, {value.events} events in each group, no school above "
                f"{value.largest_share:.0%} of the events, {value.digits} significant digits")  # fmt: skip
    return str(value)


def policy_as_json(policy: Policy) -> dict[str, Any]:
    rules = dict(rules_of(policy))
    return {"name": policy.name, "words": policy.words, "rules": rules, "reasons": dict(policy.reasons)}
