"""The two locks: what a report needs is installed in the very versions that are tested, and neither says where from."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-core.lock")
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall((ROOT / name).read_text(encoding="utf-8")))


def test_a_report_is_made_with_the_versions_that_are_tested():
    whole, core = pins("requirements.lock"), pins("requirements-core.lock")
    assert len(core) > 10
    assert core.items() <= whole.items()


@pytest.mark.parametrize("name", LOCKS)
def test_each_pin_has_a_hash_and_no_address(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    for part in re.split(r"^(?=[A-Za-z0-9_.-]+==)", text, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in part, part.splitlines()[0]
    assert "://" not in text
    assert "index-url" not in text
