"""Collects, checks, freezes, compares and reports what police contact with schools means, for whom.

Importing this package loads nothing heavy: each step imports what it needs when it runs.
"""

__version__ = "0.1.0"
