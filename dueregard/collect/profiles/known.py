"""The profiles that exist, by name."""

from __future__ import annotations

from dueregard.collect.profiles import crdc, native
from dueregard.collect.profiles.profile import Profile
from dueregard.errors import UnknownName


def profiles() -> dict[str, Profile]:
    """Every profile by name; `native` first."""
    return {found.name: found for found in (native.PROFILE, *crdc.PROFILES)}


def profile(name: str) -> Profile:
    """One profile. Raises UnknownName and lists those that exist."""
    known = profiles()
    if name not in known:
        raise UnknownName("profile", name, known)
    return known[name]
