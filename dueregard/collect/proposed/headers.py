"""What headers mean: other names of native columns, and names of columns that may not come in at all. All as data."""

from __future__ import annotations

import re
from itertools import pairwise

ETHNICITY = ("ethnicity", "sde", "self_defined_ethnicity", "ethnicity_self_defined", "sde_code", "ethnicity_code", "ethnic_code",
             "ethnic_group", "ethnicity_group", "ethnic_origin", "ethnicity_18_1", "sde_18_1", "ethnicity_16_1", "sde_16_1", "eth")  # fmt: skip
DAY = ("date", "day", "datetime", "date_time", "timestamp")
FROM = ("start_date", "date_from", "from_date", "from", "valid_from", "start", "started_on", "date_started")
TO = ("end_date", "date_to", "to_date", "to", "valid_to", "end", "ended_on", "date_ended")
COUNT = ("count", "number", "total", "headcount")

# Native column, or `table.column` where it means that in one table alone -> other names that it goes by, likeliest first.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "urn": ("school_urn", "establishment_urn", "urn_of_school", "school_ref", "school_id", "school_code"),
    "pupil_ref": ("pupil_id", "pupil_reference", "pupil_pseudonym", "pupil_key", "student_ref", "student_id", "child_ref",
                  "child_id", "young_person_ref", "person_ref", "person_id", "nominal_ref", "subject_ref"),
    "contact_ref": ("contact_id", "contact_reference", "contact_key", "contact_number", "incident_ref", "incident_id",
                    "incident_reference", "incident_number", "event_ref", "event_id", "encounter_ref", "encounter_id"),
    "officer_ref": ("officer_id", "officer_reference", "officer_pseudonym", "officer_key", "sso_ref", "sso_id", "staff_ref"),
    "contact.occurred_at": ("contact_date", "contact_at", "contact_datetime", "date_of_contact", "incident_date", "incident_at",
                            "incident_datetime", "date_of_incident", "event_date", "event_at", "occurred_on", "occurred", *DAY),
    "contact.recorded_at": ("recorded_on", "date_recorded", "recorded", "record_date", "created_at", "created_on", "entered_at"),
    "contact.place_relation": ("place", "location_type", "where", "location_relation"),
    "contact.time_relation": ("time_of_day", "when", "school_day_part"),
    "contact.route": ("referral_route", "source", "reported_by_type", "how_reported"),
    "contact.initiator": ("initiated_by", "begun_by"),
    "contact.behaviour": ("reason", "contact_reason", "reason_for_contact", "behaviour_type", "incident_type", "contact_type"),
    "contact.harm_level": ("harm", "severity", "level_of_harm"),
    "contact.schools_protocol": ("protocol", "crime_recording_protocol"),
    "contact.source_record_ref": ("crime_ref", "crime_reference", "crime_number", "cad_ref", "record_ref"),
    "involvement.subject_category": ("category", "person_category", "subject_type", "dpa_category"),
    "age": ("age_at_event", "age_at_contact", "age_at_incident", "age_years"),
    "self_defined_ethnicity": ETHNICITY,
    "ethnicity": ETHNICITY,
    "observed_ethnicity": ("officer_defined_ethnicity", "ethnicity_observed", "officer_observed_ethnicity", "ic_code", "ic",
                           "ethnic_appearance", "ode"),
    "not_stated_reason": ("sde_not_stated_reason", "ethnicity_not_stated_reason", "reason_not_stated"),
    "sex": ("gender", "pupil_sex", "legal_sex"),
    "year_group": ("nc_year", "ncyear", "nc_year_actual", "national_curriculum_year", "curriculum_year", "school_year", "year", "yr"),
    "sen_provision": ("sen", "sen_status", "sen_level", "sen_code", "send"),
    "sen_type": ("sen_need", "primary_need", "primary_sen_type", "sen_primary_need", "sen_type_rank_1"),
    "disability": ("disabled", "is_disabled", "disability_status", "has_disability"),
    "is_fsm": ("fsm", "fsm_eligible", "free_school_meals", "free_school_meal", "fsm_eligibility"),
    "age_on_31_august": ("age_at_31_august", "age_31_august", "age_at_start_of_year", "age_at_start_of_academic_year"),
    "enrolment_status": ("enrolment", "enrol_status", "registration_status"),
    "roll.census_on": ("census_date", "snapshot_date", "date_of_census", "roll_date", "as_at", *DAY),
    "roll.n_pupils": ("pupils", "number_of_pupils", "pupil_count", *COUNT, "n"),
    "posting.posting_ref": ("posting_id", "posting_reference", "assignment_ref", "assignment_id"),
    "posting.role": ("officer_role", "post", "job"),
    "posting.kind": ("posting_kind", "posting_type", "basis", "type"),
    "fte": ("full_time_equivalent", "wte", "whole_time_equivalent"),
    "from_on": FROM,
    "to_on": TO,
    "power": ("power_used", "police_power"),
    "legislation": ("act", "statute"),
    "search_object": ("object_of_search", "searched_for"),
    "tactic": ("force_tactic", "tactic_used"),
    "item_found": ("found", "object_found"),
    "is_injured": ("injured", "injury"),
    "step.stage": ("ladder_stage", "stage_reached"),
    "step.occurred_on": ("stage_date", "step_date", "date_of_stage"),
    "step.offence_group": ("offence", "offence_type"),
    "step.reason": ("step_reason", "reason_for_step"),
    "decided_by": ("decision_maker", "decision_by"),
    "outcome.outcome": ("outcome_code", "ho_outcome", "outcome_type", "disposal", "result"),
    "outcome.decided_on": ("outcome_date", "decision_date", "date_of_outcome", "date_of_decision", "disposal_date"),
    "support.support_ref": ("support_id", "support_reference", "referral_ref", "referral_id"),
    "service": ("support_service", "service_type", "referral_service", "support_type"),
    "support.offered_on": ("offer_date", "date_offered", "referral_date", "referred_on"),
    "support.is_accepted": ("accepted", "offer_accepted"),
    "support.completed_on": ("completion_date", "date_completed"),
    "activity.activity_ref": ("activity_id", "activity_reference"),
    "activity.occurred_on": ("activity_date", "date_of_activity", *DAY),
    "activity.kind": ("activity", "activity_type", "activity_kind"),
    "activity.minutes": ("duration", "duration_minutes", "mins", "length_minutes"),
    "activity.n_pupils": ("pupils", "pupils_reached", "number_of_pupils", "attendees"),
    "school.name": ("school_name", "establishment_name", "establishmentname", "name_of_school"),
    "school.borough": ("la_name", "local_authority", "local_authority_name", "district", "area"),
    "la_code": ("la", "lea", "la_number", "lea_code", "local_authority_code"),
    "phase": ("phase_of_education", "school_phase"),
    "school.type": ("school_type", "establishment_type", "type_of_establishment"),
    "opened_on": ("open_date", "opened", "date_opened", "opening_date"),
    "closed_on": ("close_date", "closed", "date_closed", "closing_date"),
    "predecessor_urn": ("previous_urn", "old_urn", "former_urn"),
    "academic_year": ("school_year", "year"),
    "sanction.kind": ("sanction", "sanction_type", "exclusion_type"),
    "sanction.reason": ("exclusion_reason", "sanction_reason"),
    "sanction.n": COUNT,
    "stage_count.period": ("academic_year", "year"),
    "stage_count.n": COUNT,
    "complaint.complaint_ref": ("complaint_id", "complaint_reference"),
    "complaint.received_on": ("date_received", "complaint_date", "received", "received_date"),
    "complaint.kind": ("complaint_type", "allegation", "allegation_type"),
    "complaint.outcome": ("complaint_outcome",),
    "consultation.held_on": ("consultation_date", "date_held", "date_of_consultation"),
}  # fmt: skip

# A file makes rows of a table where of each of these groups it has a column, and of `WITHOUT` none. Likeliest main table first.
MARKS: dict[str, tuple[tuple[str, ...], ...]] = {
    "contact": (("contact_ref",), ("occurred_at",), ("urn",)),
    "involvement": (("contact_ref",), ("pupil_ref",),
                    ("subject_category", "sex", "self_defined_ethnicity", "observed_ethnicity", "year_group", "age", "sen_provision")),
    "power_use": (("contact_ref",), ("pupil_ref",), ("power", "legislation", "search_object", "clothing_removal", "tactic")),
    "step": (("contact_ref",), ("pupil_ref",), ("stage",)),
    "outcome": (("contact_ref",), ("pupil_ref",), ("outcome",)),
    "support": (("pupil_ref",), ("service",), ("offered_on", "support_ref")),
    "roll": (("urn",), ("census_on",), ("pupil_ref", "n_pupils"), ("year_group", "sex", "ethnicity", "sen_provision")),
    "posting": (("officer_ref",), ("urn",), ("from_on",)),
    "activity": (("urn",), ("occurred_on",), ("minutes", "activity_ref")),
    "complaint": (("urn",), ("received_on",)),
    "consultation": (("held_on",), ("who", "decision", "method")),
    "school": (("urn",), ("name", "type", "phase"), ("borough", "la_code", "opened_on", "phase")),
    "calendar": (("term",), ("from_on",), ("school_days",)),
    "service_offer": (("urn",), ("service",), ("from_on",)),
    "establishment": (("from_on",), ("n_posts",)),
    "sanction": (("urn",), ("academic_year",), ("kind",), ("n",)),
    "survey": (("item",), ("n_asked",)),
    "stage_count": (("urn",), ("period",), ("stage",), ("n",)),
    "collection": (("subject",), ("from_on",), ("state",)),
}  # fmt: skip
# Columns with which a file is of other tables.
OF_PUPILS = ("contact_ref", "pupil_ref", "officer_ref", "census_on")
WITHOUT: dict[str, tuple[str, ...]] = {
    "roll": ("contact_ref",), "posting": ("contact_ref", "pupil_ref"), "activity": ("contact_ref", "pupil_ref"),
    "school": OF_PUPILS, "calendar": OF_PUPILS, "service_offer": OF_PUPILS, "establishment": OF_PUPILS, "sanction": OF_PUPILS,
    "survey": OF_PUPILS, "stage_count": OF_PUPILS, "collection": OF_PUPILS, "complaint": ("pupil_ref",),
    "step": ("offered_on",),
}  # fmt: skip

# Words in a header -> what the column holds. Such a column is never mapped: the proposal says to remove it.
PERSONAL: dict[str, tuple[str, ...]] = {
    "a name": ("name", "names", "forename", "forenames", "firstname", "surname", "lastname", "fullname", "familyname", "initials",
               "alias", "nickname", "givenname", "parent", "guardian", "carer", "mother", "father", "teacher"),
    "an address or a place": ("address", "addr", "street", "road", "house", "flat", "postcode", "zip", "zipcode", "uprn", "lat", "latitude",
                              "lon", "long", "lng", "longitude", "easting", "northing", "gridref", "what3words", "home"),
    "a date of birth": ("dob", "birth", "born", "birthday", "birthdate", "dateofbirth"),
    "a national number": ("upn", "uln", "nhs", "nhsno", "nino", "passport", "pncid", "pnc", "cro", "ni", "formerupn"),
    "a way to reach a person": ("email", "mail", "phone", "telephone", "tel", "mobile", "contactno", "instagram", "snapchat", "facebook",
                                "twitter", "username", "handle", "imei"),
    "a narrative": ("narrative", "note", "notes", "comment", "comments", "description", "desc", "summary", "details", "detail", "text",
                    "freetext", "remarks", "circumstances", "mo", "log", "statement", "account", "story"),
    "a picture or a document": ("photo", "picture", "image", "url", "link", "attachment", "filename"),
}  # fmt: skip
PERSONAL_PAIRS = {
    ("post", "code"): "an address or a place",
    ("free", "text"): "a narrative",
    ("ni", "number"): "a national number",
}
WORD = re.compile(r"[^a-z0-9]+")


def plain(header: str) -> str:
    """A header without signs between its words.

    >>> plain("school_urn."), plain("ethnicity (self-defined)")
    ('school_urn', 'ethnicity_self_defined')
    """
    return WORD.sub("_", header).strip("_")


def names_of(table: str, column: str) -> tuple[str, ...]:
    """By which names does a native column go, its own first?"""
    return (column, *SYNONYMS.get(f"{table}.{column}", ()), *SYNONYMS.get(column, ()))


def personal(header: str) -> str:
    """What about a person does a header promise? Empty where nothing.

    >>> personal("pupil_forename"), personal("date_of_birth"), personal("contact_ref")
    ('a name', 'a date of birth', '')
    """
    words = plain(header).split("_")
    for what, known in PERSONAL.items():
        if any(word.rstrip("0123456789") in known for word in words):
            return what
    pairs = pairwise(words)
    return next((PERSONAL_PAIRS[pair] for pair in pairs if pair in PERSONAL_PAIRS), "")


def is_of_a_person(header: str) -> bool:
    """Does a header name a person without saying that it is a reference? Its values may be names."""
    words = set(plain(header).split("_"))
    people = {
        "officer",
        "sso",
        "pupil",
        "student",
        "child",
        "victim",
        "suspect",
        "witness",
        "sergeant",
        "staff",
        "person",
    }
    return bool(words & people) and not words & {
        "ref",
        "id",
        "type",
        "kind",
        "role",
        "category",
        "n",
        "number",
        "count",
    }
