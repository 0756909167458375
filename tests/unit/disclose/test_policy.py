"""Policies: the shipped ones hold, each rule has its reason, and one that contradicts itself is refused."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

import pytest

from dueregard.disclose.policy import (
    Detail,
    Method,
    Policy,
    PooledRule,
    check_policy,
    is_shipped,
    policies,
    policy_named,
    policy_of,
)
from dueregard.errors import SourceError, UnknownName, UsageError

PUBLIC = policy_named("public")


def test_the_default_for_england():
    assert (PUBLIC.low_to, PUBLIC.base, PUBLIC.roll_at_least, PUBLIC.method) == (7, 5, 10, Method.ROUNDING)
    assert PUBLIC.pooled == PooledRule(schools=10, events=10, largest_share=0.5, digits=3)


def test_every_audience_has_a_policy():
    assert {p.audience for p in policies().values()} == {"internal", "scrutiny panel", "oversight", "public"}


@pytest.mark.parametrize("name", policies())
def test_every_rule_has_its_reason(name):
    assert all(len(why) > 20 for _, why in policies()[name].reasons)
    assert policies()[name].reasons


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"low_to": 4}, "counts to 7 are sensitive, but from 5 they are shown"),
        ({"base": 1}, "base is not 3, 5"),
        ({"base": 10}, "a count may lie half way"),
        ({"roll_at_least": 5}, "roll_at_least must be above"),
        ({"all_share": 1.0}, "a whole group may be shown"),
        ({"school_time": "month"}, "finer than a term"),
        ({"ladder": (Detail("school", "month", 1),)}, "finer than its school_time"),
        ({"school_time": "year", "ladder": (Detail("school", "term", 1),)}, "finer than its school_time"),
        ({"ladder": ()}, "no ladder"),
        ({"least_width": 9}, "narrower than least_width"),
        ({"sensitive_from": 0}, "start at 1"),
        ({"pooled": PooledRule(schools=5)}, "looser than 10 schools"),
        ({"pooled": PooledRule(largest_share=0.9)}, "looser"),
        ({"method": Method.SUPPRESSION}, "base must be 1"),
        ({"method": Method.NONE}, "protects nothing, and is not internal"),
        ({"audience": "friends"}, "its audience is none of"),
        ({"reasons": ()}, "`low_to` has no reason"),
    ],
)
def test_a_contradiction_is_refused(change, says):
    with pytest.raises(UsageError, match="contradicts itself") as told:
        check_policy(replace(PUBLIC, **change))
    assert says in str(told.value)


@pytest.mark.parametrize("audience", ["public", "oversight"])
@pytest.mark.parametrize(
    "change",
    [{"low_to": 6, "sensitive_to": 6}, {"sensitive_to": 1}, {"sensitive_from": 2}, {"least_width": 4}, {"roll_at_least": 9}],
)  # fmt: skip
def test_what_anybody_may_hand_on_is_protected_at_least_so_far(audience, change):
    with pytest.raises(UsageError, match="for the audience"):
        check_policy(replace(PUBLIC, name="ours", audience=audience, **change))
    assert check_policy(replace(PUBLIC, name="ours", audience=audience, low_to=12, least_width=8, roll_at_least=20))


def test_a_name_that_everybody_knows_stands_for_its_own_rules(tmp_path):
    """A policy called `public` that hides less would be read as the one that everybody knows."""
    path = tmp_path / "p.toml"
    text = files("dueregard.disclose").joinpath("policies.toml").read_text(encoding="utf-8")
    shipped = text[text.index("[public]") :]
    path.write_text(shipped, encoding="utf-8")
    assert is_shipped(policy_named(str(path)))
    path.write_text(shipped.replace("base = 5", "base = 3"), encoding="utf-8")
    with pytest.raises(UsageError, match="has other rules"):
        policy_named(str(path))
    path.write_text(shipped.replace("base = 5", "base = 3").replace("[public", "[ours"), encoding="utf-8")
    assert not is_shipped(policy_named(str(path)))


def test_all_contradictions_are_told_together():
    with pytest.raises(UsageError) as told:
        check_policy(replace(PUBLIC, low_to=4, base=4))
    assert "base is not" in str(told.value) and "are shown" in str(told.value)


def test_an_own_policy_is_read_from_a_file(tmp_path):
    text = (
        '[ours]\naudience = "public"\nwords = "x"\nmethod = "rounding"\nlow_to = 10\nbase = 5\nroll_at_least = 20\n'
        'sensitive_to = 7\nleast_width = 5\nall_share = 0.8\nladder = [{ place = "all", time = "year", columns = 1 }]\n'
        "[ours.reasons]\n"
        + "".join(f'{rule} = "why"\n' for rule in ("method", "low_to", "roll_at_least", "all_share"))
        + 'school_time = "why"\nladder = "why"\n'
    )
    path = tmp_path / "ours.toml"
    path.write_text(text, encoding="utf-8")
    assert policy_named(str(path)).low_to == 10
    path.write_text(text.replace("low_to = 10", "low_to = 3"), encoding="utf-8")
    with pytest.raises(UsageError, match="contradicts itself"):
        policy_named(str(path))


@pytest.mark.parametrize(
    "text", ["[a]\n[b]\n", "x = 1\n", "[a]\nmethod = 3\n", '[a]\nmethod = "magic"\nreasons = {}\n']
)
def test_a_file_that_is_no_policy_is_refused(tmp_path, text):
    path = tmp_path / "p.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError):
        policy_named(str(path))


def test_names_that_do_not_exist():
    with pytest.raises(UnknownName, match="internal"):
        policy_named("secret")
    with pytest.raises(UnknownName, match="low_to"):
        policy_of("x", {"limit": 3})
    with pytest.raises(SourceError):
        policy_named("nowhere.toml")


def test_a_policy_is_a_value():
    assert isinstance(PUBLIC, Policy) and hash(PUBLIC) == hash(replace(PUBLIC))
