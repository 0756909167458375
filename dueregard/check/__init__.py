"""Judges raw rows by rules that are data. Every fault is found in one pass; accepted + rejected = read."""
