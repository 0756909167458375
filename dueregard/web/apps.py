"""The Django application of the pages."""

from __future__ import annotations

from django.apps import AppConfig


class Web(AppConfig):
    name = "dueregard.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"
