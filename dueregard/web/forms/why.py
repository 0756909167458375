"""The reason for what a person does: it stands in the log, beside who and when."""

from __future__ import annotations

from django import forms


class WhyForm(forms.Form):
    why = forms.CharField(label="Why?", max_length=200, help_text="No names. It stands in the log.", error_messages={"required": "Say why."},
                          widget=forms.TextInput(attrs={"autocomplete": "off"}))  # fmt: skip
