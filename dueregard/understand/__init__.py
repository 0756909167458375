"""Understand: where a gap arises, for whom, and what stays true of it."""
