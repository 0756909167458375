"""Signing in: a password, then a code from the person's own device; signing out."""

from __future__ import annotations

from typing import Any

import segno
from django import forms
from django.contrib.auth import authenticate, login, logout
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_otp import login as otp_login
from django_otp.plugins.otp_totp.models import TOTPDevice

from dueregard.web import sessions
from dueregard.web.asked import NOBODY, Request
from dueregard.web.forms.fields import wrong_of

WRONG = "The name and the password do not belong together, or the account is locked for a while."


class SignInForm(forms.Form):
    username = forms.CharField(label="Name to sign in with", max_length=150, error_messages={"required": "Enter your name."},
                               widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}))  # fmt: skip
    password = forms.CharField(label="Password", max_length=200, strip=False, error_messages={"required": "Enter your password."},
                               widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))  # fmt: skip


class CodeForm(forms.Form):
    code = forms.CharField(label="Code of six digits", max_length=12, error_messages={"required": "Enter the code."},
                           widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "short"}))  # fmt: skip


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: Request) -> HttpResponse:
    """The first page. It tells nobody whether an account exists."""
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = authenticate(
            request, username=form.cleaned_data["username"].strip(), password=form.cleaned_data["password"]
        )
        if user is not None:
            login(request, user)
            sessions.begin(request, user.person_ref)
            return redirect("home")
        form.add_error(None, WRONG)
    return _sign_in_page(request, form, status=200)


def _sign_in_page(request: Request, form: forms.Form, *, status: int) -> HttpResponse:
    return render(
        request, "web/sign_in.html", {"form": form, "wrong": wrong_of(form) if form.is_bound else []}, status=status
    )


def locked(request: Request, response: Any = None, credentials: Any = None) -> HttpResponse:
    """Too many wrong passwords: the same words as for a wrong one, so that nothing is learnt from them."""
    request.actor = NOBODY
    form = SignInForm({"username": "", "password": ""})
    form.errors.clear()
    form.add_error(None, WRONG)
    return _sign_in_page(request, form, status=429)


@require_http_methods(["POST"])
def sign_out(request: Request) -> HttpResponse:
    sessions.end(sessions.SignIn.objects.filter(session_key=request.session.session_key))
    logout(request)
    return redirect("sign_in")


@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: Request) -> HttpResponse:
    """The code of the device; at the first time, the device is made known."""
    device = TOTPDevice.objects.filter(user=request.user, confirmed=True).first()
    new = device is None
    if device is None:
        device, _ = TOTPDevice.objects.get_or_create(user=request.user, confirmed=False, defaults={"name": "phone"})
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        allowed, _ = device.verify_is_allowed()
        if allowed and device.verify_token(form.cleaned_data["code"].replace(" ", "")):
            return _verified(request, device)
        form.add_error(
            "code", "The code is wrong, was used already, or came too soon after a wrong one. Wait for the next one."
        )
    shown = {"form": form, "wrong": wrong_of(form) if form.is_bound else [], "new": new}
    if new:
        shown |= {
            "qr": segno.make(device.config_url, micro=False).svg_inline(scale=4, omitsize=True, border=2),
            "key": _key(device),
        }
    return render(request, "web/second_factor.html", shown)


def _verified(request: Request, device: TOTPDevice) -> HttpResponseRedirect:
    if not device.confirmed:
        device.confirmed = True
        device.save(update_fields=("confirmed",))
    before = request.session.session_key
    otp_login(request, device)
    request.session.cycle_key()  # whoever knew the half-open session does not know this one
    request.session.save()
    sessions.SignIn.objects.filter(session_key=before).update(session_key=request.session.session_key)
    return redirect("home")


def _key(device: TOTPDevice) -> str:
    """The secret in groups of four letters, for typing it in."""
    from base64 import b32encode

    plain = b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(plain[n : n + 4] for n in range(0, len(plain), 4))
