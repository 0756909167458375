"""The addresses, behind the gate. Made from `addresses` alone."""

from __future__ import annotations

from django.urls import path
from django.utils.module_loading import import_string

from dueregard.web.addresses import ADDRESSES
from dueregard.web.gate import behind_the_gate

urlpatterns = [
    path(a.path, behind_the_gate(a, import_string(f"dueregard.web.views.{a.view}")), name=a.name) for a in ADDRESSES
]
handler400 = "dueregard.web.views.letters.bad_request"
handler403 = "dueregard.web.views.letters.forged"
handler404 = "dueregard.web.views.letters.not_there"
handler500 = "dueregard.web.views.letters.failed"
