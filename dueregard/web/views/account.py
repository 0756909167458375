"""One's own account: the password, and where one is signed in."""

from __future__ import annotations

from django import forms
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dueregard.errors import NotThere
from dueregard.store.actor import Actor
from dueregard.store.log import entry
from dueregard.store.policy import PEOPLE
from dueregard.store.roles import ROLES
from dueregard.web import sessions
from dueregard.web.asked import Request
from dueregard.web.forms.fields import wrong_of
from dueregard.web.told import tell


class PasswordForm(forms.Form):
    old = forms.CharField(label="Password until now", strip=False, max_length=200,
                          widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))  # fmt: skip
    new = forms.CharField(label="New password", strip=False, max_length=200,
                          help_text="At least 12 characters. Three words that have nothing to do with each other are good.",
                          widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))  # fmt: skip
    again = forms.CharField(label="New password again", strip=False, max_length=200,
                            widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))  # fmt: skip


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: Request) -> HttpResponse:
    """A new password. Other sessions of the person end."""
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _is_good(request, form):
        user = request.user
        with entry("alteration", "change_password", by=Actor(user.person_ref)) as act:
            user.set_password(form.cleaned_data["new"])
            user.must_change_password = False
            user.save()
            act.saw(PEOPLE, user.person_ref, 1)
        before = request.session.session_key or ""
        update_session_auth_hash(request, user)
        request.session.save()
        sessions.SignIn.objects.filter(session_key=before).update(session_key=request.session.session_key)
        sessions.end_all(user.person_ref, but=request.session.session_key or "")
        tell(request, "Your password was changed.")
        return redirect("home")
    return render(request, "web/password.html", {"form": form, "wrong": wrong_of(form) if form.is_bound else []})


def _is_good(request: Request, form: PasswordForm) -> bool:
    told = form.cleaned_data
    if not request.user.check_password(told["old"]):
        form.add_error("old", "This is not your password.")
    if told["new"] != told["again"]:
        form.add_error("again", "The two are not the same.")
    if told["new"] == told["old"]:
        form.add_error("new", "Choose another one than until now.")
    try:
        validate_password(told["new"], request.user)
    except ValidationError as fault:
        form.add_error("new", fault)
    return not form.errors


@require_http_methods(["GET", "HEAD"])
def account(request: Request) -> HttpResponse:
    """Who one is, what one may do, and where one is signed in."""
    actor = request.actor
    own = sessions.of_person(actor.person_ref)
    roles = [(ROLES[g.role], g.urn, g.borough) for g in actor.grants]
    return render(request, "web/account.html", {"sessions": own, "here": request.session.session_key, "roles": roles})


@require_http_methods(["POST"])
def end_session(request: Request, number: int) -> HttpResponse:
    """End one of one's own sessions."""
    found = sessions.SignIn.objects.filter(pk=number, person_ref=request.actor.person_ref)
    if not found.exists():
        raise NotThere()
    is_this_one = found.filter(session_key=request.session.session_key).exists()
    sessions.end(found)
    if is_this_one:
        logout(request)
        return redirect("sign_in")
    tell(request, "The session was ended.")
    return redirect("account")
