"""The profiles that exist, by name."""

from __future__ import annotations

from dueregard.collect.profiles import census_2021, crdc, dfe_exclusions, dfe_school_census, native, police_uk
from dueregard.collect.profiles.profile import Profile
from dueregard.errors import UnknownName


def profiles() -> dict[str, Profile]:
    """Every profile by name; `native` first."""
    every = (native.PROFILE, *crdc.PROFILES, police_uk.PROFILE, census_2021.PROFILE, dfe_school_census.PROFILE,
             dfe_exclusions.PROFILE)  # fmt: skip
    return {found.name: found for found in every}


def profile(name: str) -> Profile:
    """One profile. Raises UnknownName and lists those that exist."""
    known = profiles()
    if name not in known:
        raise UnknownName("profile", name, known)
    return known[name]
