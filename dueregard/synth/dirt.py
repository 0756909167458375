"""Faults."""
from __future__ import annotations
Planting = tuple[str, int, str]  # table, row from 0, code
def plant(rng, tables, shape):
    return tables, []
