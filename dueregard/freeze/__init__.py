"""Freezes accepted rows into a content-addressed, read-only snapshot."""
