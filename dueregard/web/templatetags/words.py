"""Words for values: labels for codes, days as people write them, and `Not known` in place of a blank."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template

from dueregard.web.wording import label_of

register = template.Library()


@register.filter
def day(value: Any) -> str:
    """A day or a time as people write it; a blank stays a dash."""
    if value in (None, ""):
        return "–"
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value or " " in value else date.fromisoformat(value)
    plain = f"{value.day} {value:%B %Y}"
    return f"{plain}, {value:%H:%M}" if isinstance(value, datetime) else plain


@register.simple_tag
def told(table: str, column: str, value: Any) -> str:
    """A stored value in words."""
    return label_of(table, column, value)


@register.filter
def item(mapping: Any, key: Any) -> Any:
    return mapping.get(key)
