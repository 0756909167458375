"""Every address of the service and who may ask for it: one line each. An address without a line does not exist.

Which rows a person then sees is the store's policy. A role that is not named here gets the page of what is not there.
"""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.store.roles import ROLES

ANYONE = ("anyone",)  # no sign-in
HALF = ("half",)  # a password was given; the second factor or a new password may be wanting
EVERY_ROLE = tuple(ROLES)

OFFICER, SERGEANT, ANALYST, EQUALITY, SCHOOL, PANEL, OVERSIGHT, CHECKER, DPO, CLERK, ADMIN = EVERY_ROLE
RECORDS = (OFFICER, SERGEANT)
REGISTER = (SERGEANT, ANALYST, EQUALITY, OVERSIGHT)


@dataclass(frozen=True, slots=True)
class Address:
    """One line: where, its name, what answers, and for whom. place: its word in the navigation, if it stands there."""

    path: str
    name: str
    view: str
    roles: tuple[str, ...]
    place: str = ""

    @property
    def is_open(self) -> bool:
        return self.roles in (ANYONE, HALF)


ADDRESSES: tuple[Address, ...] = (
    Address("", "sign_in", "sign_in.sign_in", ANYONE),
    Address("public/", "public", "public.schools", ANYONE),
    Address("public/schools/<str:urn>/", "public_school", "public.school", ANYONE),
    Address("accessibility/", "accessibility", "public.accessibility", ANYONE),
    Address("sign-out/", "sign_out", "sign_in.sign_out", HALF),
    Address("password/", "password", "account.password", HALF),
    Address("second-factor/", "second_factor", "sign_in.second_factor", HALF),
    Address("home/", "home", "home.home", EVERY_ROLE, "Home"),
    Address("account/", "account", "account.account", EVERY_ROLE),
    Address("account/sessions/<int:number>/end/", "end_session", "account.end_session", EVERY_ROLE),
    Address("first-start/", "first_start", "first_start.first_start", (ADMIN, DPO), "Legal basis"),

    Address("contacts/", "contacts", "contacts.mine", RECORDS, "Contacts"),
    Address("contacts/new/", "contact_new", "recording.new", RECORDS),
    Address("drafts/<str:draft_ref>/", "draft", "recording.draft", RECORDS),
    Address("drafts/<str:draft_ref>/discard/", "draft_discard", "recording.discard", RECORDS),
    Address("contacts/<str:contact_ref>/", "contact", "contacts.one", (OFFICER, SERGEANT, PANEL, CLERK)),
    Address("contacts/<str:contact_ref>/correct/", "contact_correct", "correcting.correct", RECORDS),
    Address("contacts/<str:contact_ref>/close/", "contact_close", "correcting.close", RECORDS),
    Address("contacts/<str:contact_ref>/support/", "contact_support", "correcting.support", RECORDS),
    Address("contacts/<str:contact_ref>/withdraw/", "contact_withdraw", "correcting.withdraw", RECORDS),

    Address("activities/", "activities", "register.listing", (OFFICER, SERGEANT, ANALYST, SCHOOL), "Activities"),
    Address("activities/new/", "activity_new", "register.new", RECORDS),
    Address("activities/<str:row_ref>/", "activity", "register.change", RECORDS),
    Address("activities/<str:row_ref>/withdraw/", "activity_withdraw", "register.withdraw", RECORDS),

    Address("postings/", "postings", "postings.register_page", REGISTER, "Postings"),
    Address("postings/new/", "posting_new", "register.new", (SERGEANT,)),
    Address("postings/<str:row_ref>/", "posting", "register.change", (SERGEANT,)),
    Address("postings/<str:row_ref>/withdraw/", "posting_withdraw", "register.withdraw", (SERGEANT,)),
    Address("establishment/", "establishments", "register.listing", REGISTER),
    Address("establishment/new/", "establishment_new", "register.new", (SERGEANT,)),
    Address("establishment/<str:row_ref>/", "establishment", "register.change", (SERGEANT,)),
    Address("establishment/<str:row_ref>/withdraw/", "establishment_withdraw", "register.withdraw", (SERGEANT,)),
    Address("consultations/", "consultations", "register.listing", (SERGEANT, EQUALITY), "Consultations"),
    Address("consultations/new/", "consultation_new", "register.new", (SERGEANT, EQUALITY)),
    Address("consultations/<str:row_ref>/", "consultation", "register.change", (SERGEANT, EQUALITY)),
    Address("consultations/<str:row_ref>/withdraw/", "consultation_withdraw", "register.withdraw", (SERGEANT, EQUALITY)),
    Address("partnerships/", "partnerships", "register.listing", (SERGEANT,)),
    Address("partnerships/new/", "partnership_new", "register.new", (SERGEANT,)),
    Address("partnerships/<str:row_ref>/", "partnership", "register.change", (SERGEANT,)),
    Address("partnerships/<str:row_ref>/withdraw/", "partnership_withdraw", "register.withdraw", (SERGEANT,)),
    Address("officers/", "officers", "register.listing", (SERGEANT, ADMIN), "Officers"),
    Address("officers/new/", "officer_new", "register.new", (SERGEANT, ADMIN)),
    Address("officers/<str:row_ref>/", "officer", "register.change", (SERGEANT, ADMIN)),
    Address("schools/", "schools", "register.listing", (OFFICER, *REGISTER, ADMIN), "Schools"),
    Address("schools/new/", "school_new", "register.new", (SERGEANT, ADMIN)),
    Address("schools/<str:row_ref>/", "school", "register.change", (SERGEANT, ADMIN)),
    Address("offers/", "offers", "register.listing", (OFFICER, SERGEANT, ANALYST, EQUALITY, SCHOOL), "Help on offer"),
    Address("offers/new/", "offer_new", "register.new", (SERGEANT, SCHOOL)),
    Address("offers/<str:row_ref>/", "offer", "register.change", (SERGEANT, SCHOOL)),
    Address("offers/<str:row_ref>/withdraw/", "offer_withdraw", "register.withdraw", (SERGEANT, SCHOOL)),

    Address("complaints/", "complaints", "register.listing", (SERGEANT, CLERK), "Complaints"),
    Address("complaints/new/", "complaint_new", "register.new", (SERGEANT,)),
    Address("complaints/<str:row_ref>/", "complaint", "register.change", (SERGEANT,)),
    Address("complaints/<str:row_ref>/withdraw/", "complaint_withdraw", "register.withdraw", (SERGEANT,)),
    Address("surveys/", "surveys", "register.listing", (ANALYST, EQUALITY), "Surveys"),
    Address("surveys/new/", "survey_new", "register.new", (EQUALITY,)),
    Address("surveys/<str:row_ref>/", "survey", "register.change", (EQUALITY,)),
    Address("surveys/<str:row_ref>/withdraw/", "survey_withdraw", "register.withdraw", (EQUALITY,)),
    Address("terms/", "terms", "register.listing", (OFFICER, SERGEANT, ANALYST, EQUALITY, SCHOOL)),
    Address("terms/new/", "term_new", "register.new", (SERGEANT,)),
    Address("terms/<str:row_ref>/", "term", "register.change", (SERGEANT,)),
    Address("terms/<str:row_ref>/withdraw/", "term_withdraw", "register.withdraw", (SERGEANT,)),
    Address("sanctions/", "sanctions", "register.listing", (ANALYST, SCHOOL), "Sanctions"),
    Address("sanctions/new/", "sanction_new", "register.new", (SCHOOL,)),
    Address("sanctions/<str:row_ref>/", "sanction", "register.change", (SCHOOL,)),
    Address("sanctions/<str:row_ref>/withdraw/", "sanction_withdraw", "register.withdraw", (SCHOOL,)),

    Address("school/", "school_home", "school.home", (SCHOOL,), "Your school"),
    Address("school/postings/<str:row_ref>/", "school_posting", "school.posting", (SCHOOL,)),
    Address("school/roll/", "school_roll", "school.roll", (SCHOOL,), "Roll counts"),
    Address("school/nothing/", "school_nothing", "school.nothing", (SCHOOL,)),

    Address("quality/", "quality", "quality.desk", (SERGEANT, ANALYST, EQUALITY), "Quality"),
    Address("quality/worklist/", "worklist", "quality.worklist", (SERGEANT,), "Worklist"),
    Address("quality/worklist.csv", "worklist_csv", "quality.worklist_csv", (SERGEANT,)),
    Address("quality/missing.csv", "missing_csv", "quality.missing_csv", (SERGEANT, ANALYST, EQUALITY)),
    Address("combine/", "combine", "pupils.combine", (SERGEANT,)),
    Address("combine/undo/", "part_again", "pupils.part_again", (SERGEANT,)),
    Address("figures/", "figures", "figures.figures", (SERGEANT, ANALYST, EQUALITY, SCHOOL, OVERSIGHT, CHECKER), "Figures"),
    Address("figures.csv", "figures_csv", "figures.figures_csv", (SERGEANT, ANALYST, EQUALITY, SCHOOL, OVERSIGHT, CHECKER)),
    Address("panel/", "panel", "panel.sample", (PANEL,), "Sample"),
    Address("panel/draw/", "panel_draw", "panel.draw", (SERGEANT, EQUALITY)),
    Address("break-glass/", "break_glass", "glass.break_glass", (OFFICER,)),
    Address("review/", "review", "review.queue", (DPO,), "Review"),
    Address("review/<str:contact_ref>/", "review_one", "review.decide", (DPO,)),
    Address("subject-access/", "subject_access", "pupils.subject_access", (CLERK,), "Requests"),
    Address("subject-access/erase/<str:contact_ref>/", "request_erase", "pupils.erase", (CLERK,)),
    Address("subject-access/rectify/<str:contact_ref>/", "rectify", "correcting.rectify", (CLERK,)),
    Address("log/", "log", "log.log", (DPO,), "The log"),

    Address("people/", "people", "people.listing", (ADMIN,), "People"),
    Address("people/new/", "person_new", "people.new", (ADMIN,)),
    Address("people/<str:person_ref>/", "person", "people.one", (ADMIN,)),
    Address("notices/", "notices", "notices.listing", (SERGEANT, DPO), "Notices"),
)  # fmt: skip


def places_of(roles: tuple[str, ...]) -> list[Address]:
    """Which addresses stand in the navigation of somebody with these roles?"""
    return [a for a in ADDRESSES if a.place and set(a.roles) & set(roles)]
