"""The roles of the service, by name."""

from __future__ import annotations

ROLES: dict[str, str] = {
    "officer": "Officer",
    "sergeant": "Sergeant",
    "analyst": "Force analyst",
    "equality_lead": "Equality lead",
    "school": "School",
    "panel": "Scrutiny panel",
    "oversight": "Oversight body",
    "release_checker": "Release checker",
    "dpo": "Data protection officer",
    "access_clerk": "Subject access clerk",
    "administrator": "Administrator",
}
