"""The Django application. Its guards (triggers) are put in place after every migration."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class Store(AppConfig):
    name = "dueregard.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dueregard.store.guards import put_in_place

        post_migrate.connect(put_in_place, sender=self)
