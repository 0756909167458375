"""The registers that have pages of their own: which table, which questions, which columns in the list. All as data."""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.web.forms.rows import Asked

SCHOOLS, OFFICERS, POSTINGS, OWN_SCHOOLS, GROUPS = "schools", "officers", "postings", "own_schools", "groups"


@dataclass(frozen=True, slots=True)
class Register:
    """One register. list_name, one_name: names of its addresses. one: what one row is called."""

    table: str
    list_name: str
    one_name: str
    title: str
    one: str
    about: str
    columns: tuple[str, ...]
    questions: tuple[Asked, ...]
    order: tuple[str, ...] = ()
    can_withdraw: bool = True

    @property
    def find(self) -> str:
        """What the box for finding asks of the table; empty: there is no box."""
        if self.table == "officer":
            return "name__icontains"
        return "urn__in" if "urn" in self.columns else ""


REGISTERS: tuple[Register, ...] = (
    Register(
        "posting", "postings", "posting", "Posting register", "posting",
        "Who is posted where, from which day to which.",
        ("urn", "officer_ref", "role", "kind", "fte", "from_on", "to_on"),
        (Asked("officer_ref", choices=OFFICERS, label="Officer"), Asked("urn", choices=SCHOOLS, label="School"), Asked("role"), Asked("kind"),
         Asked("fte", required=False), Asked("from_on"), Asked("to_on", required=False)),
        ("urn", "from_on"),
    ),
    Register(
        "activity", "activities", "activity", "Activities", "activity",
        "What officers did at schools, on the same footing as contacts. A sweep that found nothing is a row.",
        ("occurred_on", "urn", "kind", "minutes", "n_pupils"),
        (Asked("urn", choices=OWN_SCHOOLS, label="School"), Asked("occurred_on", label="On which day?"), Asked("kind"),
         Asked("minutes"), Asked("n_pupils", hint="0 is an answer.")),
        ("-occurred_on",),
    ),
    Register(
        "establishment", "establishments", "establishment", "Posts that are meant", "number of posts",
        "How many posts the force means to have, by day: the target, and what is paid for.",
        ("kind", "n_posts", "from_on", "to_on"),
        (Asked("kind", label="Is this a target, or what is budgeted?"), Asked("n_posts"), Asked("from_on"), Asked("to_on", required=False)),
        ("from_on",),
    ),
    Register(
        "consultation", "consultations", "consultation", "Consultations", "consultation",
        "Who was asked before a posting began or ended, and what changed.",
        ("held_on", "decision", "who", "method", "n_asked", "n_answered"),
        (Asked("posting_ref", required=False, choices=POSTINGS, label="About which posting?"), Asked("decision", label="Before which decision?"),
         Asked("held_on", label="On which day?"), Asked("who"), Asked("method", label="How were they asked?"), Asked("n_asked", required=False),
         Asked("n_answered", required=False), Asked("what_changed", required=False, label="What changed because of the answers?",
                                                    hint="No names. Nothing about a pupil.")),
        ("-held_on",),
    ),
    Register(
        "partnership", "partnerships", "partnership", "Partnerships", "partnership", "Agreements with schools, each for a time.",
        ("urn", "name", "from_on", "to_on"),
        (Asked("urn", choices=SCHOOLS, label="School"), Asked("name", required=False), Asked("from_on"), Asked("to_on", required=False)),
        ("urn",),
    ),
    Register(
        "officer", "officers", "officer", "Officers", "officer", "Everywhere else an officer is a pseudonym.",
        ("name", "team", "officer_ref"),
        (Asked("officer_ref", hint="A pseudonym that says nothing: not a collar number."), Asked("name"), Asked("team", required=False),
         Asked("supervisor_ref", required=False, choices=OFFICERS, label="Who supervises?")),
        ("name",), can_withdraw=False,
    ),
    Register(
        "school", "schools", "school", "Schools", "school", "Each school in a period of its identity.",
        ("name", "urn", "borough", "phase"),
        (Asked("urn", label="Unique reference number"), Asked("name", label="Name"), Asked("borough", label="Borough"),
         Asked("la_code", required=False, label="Code of the local authority"), Asked("phase", required=False, label="Phase"), Asked("type", required=False, label="Type"),
         Asked("opened_on", required=False, label="Opened on"), Asked("closed_on", required=False, label="Closed on"),
         Asked("predecessor_urn", required=False, label="Reference number before a conversion")),
        ("urn",), can_withdraw=False,
    ),
    Register(
        "service_offer", "offers", "offer", "Help on offer", "offer of help", "Which support there is at which school, and since when.",
        ("urn", "service", "from_on", "to_on"),
        (Asked("urn", choices=SCHOOLS, label="School"), Asked("service", label="Which help?"), Asked("from_on"), Asked("to_on", required=False)),
        ("urn",),
    ),
    Register(
        "complaint", "complaints", "complaint", "Complaints", "complaint", "Complaints about officers at schools: what kind, and how each ended.",
        ("received_on", "urn", "kind", "outcome"),
        (Asked("urn", choices=SCHOOLS, label="School"), Asked("received_on", label="On which day was it received?"), Asked("kind", label="What is it about?"),
         Asked("outcome", label="How did it end?"), Asked("contact_ref", required=False, label="Reference of the contact that it is about",
                                                         hint="Where one is known. No names.")),
        ("-received_on",),
    ),
    Register(
        "survey", "surveys", "survey", "Surveys", "answer, counted", "How many were asked, and how many agreed. Answers are counted before they come here: nobody's own is kept.",
        ("wave", "area", "item", "respondent", "n_asked", "n_agreed"),
        (Asked("wave", label="Which wave?", hint="Such as 2025/26."), Asked("area", required=False, label="Borough or school", hint="Empty: the whole force."),
         Asked("item", label="Which question?"), Asked("respondent", label="Who answered?"), Asked("ethnicity", choices=GROUPS, label="Of which ethnic group?"),
         Asked("sex", label="Of which sex?"), Asked("sen_provision", label="With which special educational needs?"),
         Asked("n_asked", label="How many were asked?"), Asked("n_agreed", label="How many agreed?", hint="0 is an answer.")),
        ("-wave", "area", "item"),
    ),
    Register(
        "calendar", "terms", "term", "Terms", "term", "First and last day of each term, and its school days. Without an entry, the usual terms of England hold.",
        ("academic_year", "term", "la_code", "from_on", "to_on", "school_days"),
        (Asked("la_code", label="Code of the local authority", hint="* for every one."), Asked("academic_year", label="Academic year", hint="Such as 2025/26."),
         Asked("term"), Asked("from_on"), Asked("to_on"), Asked("school_days", label="How many school days?")),
        ("-academic_year", "la_code", "from_on"),
    ),
    Register(
        "sanction", "sanctions", "sanction", "The school's own answers, counted", "count of sanctions",
        "Suspensions and exclusions of a term, counted by group: so that the same act can be compared with what police did.",
        ("academic_year", "term", "kind", "reason", "ethnicity", "sex", "n"),
        (Asked("urn", choices=SCHOOLS, label="School"), Asked("academic_year", label="Academic year", hint="Such as 2025/26."), Asked("term"), Asked("kind"),
         Asked("reason", label="For what?"), Asked("ethnicity", choices=GROUPS, label="Of which ethnic group?"), Asked("sex", label="Of which sex?"),
         Asked("sen_provision", label="With which special educational needs?"), Asked("sen_type", label="Of which kind of need?"),
         Asked("n", label="How many?", hint="0 is an answer.")),
        ("-academic_year", "term", "kind"),
    ),
)  # fmt: skip
BY_NAME = {
    name: r for r in REGISTERS for name in (r.list_name, r.one_name, f"{r.one_name}_new", f"{r.one_name}_withdraw")
}
