"""The documentation's own tools, `docs.examples` and `docs.generate`, from the checkout."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from dueregard.store.open import set_up

set_up()  # examples of the store import its models, so Django must know its applications
