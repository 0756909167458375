"""Migrations of the pages' own tables."""
