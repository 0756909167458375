"""Understand: for whom, and how sure is it? Cells in, evidence out."""
