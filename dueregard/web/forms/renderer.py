"""Forms in the style of GOV.UK: one template a question, the errors above it and in a summary."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class Plain(TemplatesSetting):
    """Our own templates for a form and for a question."""

    form_template_name = "web/form.html"
    field_template_name = "web/question.html"
