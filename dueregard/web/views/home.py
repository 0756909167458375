"""Home: what this person can do, by role."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from dueregard.web.addresses import ADDRESSES
from dueregard.web.asked import Request

# What stands on the first page: (name of the address, words, hint). Shown to those who may go there.
TASKS = (
    ("contact_new", "Record a contact", "Under two minutes. You can save it and finish later."),
    ("contacts", "Your drafts and records", "Open drafts, and what you recorded in the last 28 days."),
    ("activity_new", "Record an activity", "Assemblies, drop-ins, patrols, sweeps that found nothing, and hours."),
    ("quality", "Quality desk", "What is missing, late or does not fit."),
    ("postings", "Posting register", "Who is posted where, on any day; posts against the establishment."),
    ("consultations", "Consultations", "Who was asked before a posting began or ended."),
    ("partnerships", "Partnerships", "Agreements with schools."),
    ("offers", "Help on offer", "Which support there is at which school."),
    ("complaints", "Complaints", "About officers at schools, and how each ended."),
    ("terms", "Terms", "First and last days, and school days: what is late is reckoned by them."),
    ("surveys", "Surveys", "Answers of pupils, parents and staff, counted."),
    ("sanctions", "The school's own answers", "Suspensions and exclusions, counted by term and group."),
    ("combine", "Join two references of one pupil", "Logged as a combination."),
    ("part_again", "Take a joining back", "Two references that are not one pupil after all."),
    ("school_home", "Your school", "Confirm postings, send the roll, say that there was nothing to report."),
    ("figures", "Figures", "Counts by school and term."),
    ("panel", "Sample to read", "Redacted records that were drawn for the panel."),
    ("subject_access", "Requests of pupils and parents", "See, correct or erase what is held about a pupil."),
    ("review", "Review and retention", "Records whose day of review has come."),
    ("log", "The log", "Who looked at what, when and why."),
    ("notices", "Notices", "Records that were opened in need, and other things to know."),
    ("people", "People and roles", "Who may sign in, and what they may do."),
    ("schools", "Schools", "The schools of the force."),
    ("officers", "Officers", "Officers and their pseudonyms."),
    ("break_glass", "Open a record in need", "For a moment of danger. Your supervisor and the data protection officer are told."),
)  # fmt: skip


@require_http_methods(["GET", "HEAD"])
def home(request: Request) -> HttpResponse:
    roles = set(request.actor.roles)
    if request.basis is None:
        return render(request, "web/not_yet.html")
    open_to = {a.name for a in ADDRESSES if set(a.roles) & roles}
    tasks = [{"path": reverse(name), "label": label, "hint": hint} for name, label, hint in TASKS if name in open_to]
    return render(request, "web/home.html", {"tasks": tasks})
