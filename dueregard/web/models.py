"""What the pages keep of their own: who is signed in where. Everything else is the store's."""

from __future__ import annotations

from django.db import models


class SignIn(models.Model):
    """One session of one person, so that a person can see and end them."""

    person_ref = models.CharField(max_length=64, db_index=True)
    session_key = models.CharField(max_length=40, unique=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    browser = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        db_table = "web_sign_in"
        ordering = ("-seen_at",)
