"""The documentation's own tools, `docs.examples` and `docs.generate`, from the checkout."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from django_set_up import configure

configure()  # examples of the store and of the pages import models, so Django must know their applications
