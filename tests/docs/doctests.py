"""Every example in a docstring of the package, in a process whose Django knows the models of the service."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from django_set_up import configure

configure()  # before any model is read

import dueregard  # noqa: E402

MODULES = sorted(m.name for m in pkgutil.walk_packages(dueregard.__path__, "dueregard.") if "__main__" not in m.name)


def main() -> None:
    tried = failed = 0
    for name in [*MODULES, "docs.examples"]:
        result = doctest.testmod(importlib.import_module(name), verbose=False)
        tried, failed = tried + result.attempted, failed + result.failed
    print(f"tried {tried}, failed {failed}")


if __name__ == "__main__":
    main()
