"""Engines count rows. Only integers leave this room."""
