"""Disclose: what of the counts may be shown, to whom, and what an attacker would learn from it."""
