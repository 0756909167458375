"""A file that is sent stays in memory, up to a limit: nothing of a school lies in a temporary folder."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler

LARGEST_FILE = 20 * 1024 * 1024


class InMemory(MemoryFileUploadHandler):
    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        """Raises RequestDataTooBig before anything is read."""
        if content_length > LARGEST_FILE:
            raise RequestDataTooBig("too large")
        self.activated = True
