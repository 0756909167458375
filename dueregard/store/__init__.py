"""The store: records of contact, row version by row version, every look and change in a log that cannot be bent unseen.

Faces open it (`open.py`), change it through `actions` alone, and look through `looks` alone. Nothing is updated in place.
"""
