"""Understand: for whom a gap stands, how sure it is, and what stays true of it. Cells in, evidence out."""
