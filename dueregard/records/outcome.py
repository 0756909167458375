"""Steps up the ladder, outcomes, complaints."""

from __future__ import annotations

from dueregard.records.table import Table, code, day, key

STEP = Table(
    "step",
    "a pupil reaching a stage",
    (
        key("contact_ref", "Contact"),
        key("pupil_ref", "Pupil"),
        code("stage", "Stage; one that another table counts is refused", "stage"),
        day("occurred_on", "Day", past=True),
        code("offence_group", "Home Office offence group", "hocr_group", optional=True, blank=True),
        code("decided_by", "Who decided", "decided_by", blank=True),
        code("reason", "Reason, or what was decided; for a report: intelligence or safeguarding",
             "report_reason", "step_reason", "cps_decision", "youth_disposal", blank=True),
    ),
    key=("contact_ref", "pupil_ref", "stage", "occurred_on", "offence_group", "decided_by", "reason"),
    references=(("contact_ref", "contact", "contact_ref"),),
)  # fmt: skip

OUTCOME = Table(
    "outcome",
    "a Home Office outcome",
    (
        key("contact_ref", "Contact"),
        key("pupil_ref", "Pupil"),
        code("outcome", "Outcome code, never pooled before it is counted", "ho_outcome"),
        day("decided_on", "Day", past=True),
    ),
    key=("contact_ref", "pupil_ref", "outcome", "decided_on"),
    references=(("contact_ref", "contact", "contact_ref"),),
)

COMPLAINT = Table(
    "complaint",
    "a complaint about an officer at a school",
    (
        key("complaint_ref", "Reference"),
        key("contact_ref", "Contact that it is about", optional=True, blank=True),
        key("urn", "School"),
        day("received_on", "Day", past=True),
        code("kind", "Kind", "complaint_kind", blank=True),
        code("outcome", "Outcome", "complaint_outcome", blank=True),
    ),
    key=("complaint_ref",),
    references=(("urn", "school", "urn"),),
)
