"""The floors of the house: an import goes down, never up, never sideways between verbs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "dueregard"
VERBS = ("collect", "check", "freeze", "assess", "understand", "disclose", "publish", "release")
OUTSIDE = ("engines", "store", "synth")
# From the top down. A room may import any room of a lower floor, and itself.
FLOORS = [("__main__",), ("cli",), ("web",), ("terminal",), ("validate",), ("steps",), VERBS + OUTSIDE, ("evidence",), ("measures",), ("records",), ("terms",),
          ("stats", "seal"), ("errors", "progress", "workers", "__init__")]  # fmt: skip
HEAVY = ("numpy", "scipy", "duckdb", "pandas", "gptables", "xlsxwriter", "jinja2", "rich.progress", "pyproj",
         "shapefile", "shapely", "jax", "numpyro", "threadpoolctl", "pyspark", "pyarrow", "grpc", "cryptography", "django", "highspy")  # fmt: skip


def floor_of(room: str) -> int:
    return next(n for n, rooms in enumerate(FLOORS) if room in rooms)


def imports() -> list[tuple[str, str, str]]:
    """(file, room that imports, room that is imported)."""
    found = []
    for file in PACKAGE.rglob("*.py"):
        room = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = (
                    [node.module or ""] if node.module != "dueregard" else [f"dueregard.{a.name}" for a in node.names]
                )
            elif isinstance(node, ast.ImportFrom):
                found.append((str(file), room, "relative import"))
            elif isinstance(node, ast.Import):
                names = [a.name for a in node.names]
            for name in names:
                if name.startswith("dueregard."):
                    target = name.split(".")[1]
                    found.append((str(file), room, target if not target.startswith("__version") else "__init__"))
    return found


def test_every_room_has_a_floor():
    rooms = {
        p.name.removesuffix(".py") for p in PACKAGE.iterdir() if p.name != "__pycache__" and p.suffix in ("", ".py")
    }
    assert rooms == {room for floor in FLOORS for room in floor}


def test_imports_go_down():
    wrong = [
        (file, room, target)
        for file, room, target in imports()
        if room != target and floor_of(room) >= floor_of(target)
    ]
    assert wrong == []


def test_there_is_something_to_hold():
    assert len(imports()) > 200


@pytest.mark.parametrize("what", ["import dueregard", "from dueregard.cli import main; main(['--help'])"])
def test_nothing_heavy_is_loaded(what):
    code = f"{what}\nimport sys\nprint('LOADED', [m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "LOADED []" in done.stdout
