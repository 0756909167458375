"""The process that atheris runs: one way, fed for so many seconds. It ends with the first input that breaks a promise.

`python -m tests.fuzz.target gate|whole CORPUS_FOLDER [flags of libFuzzer]`; `tests.fuzz.run` starts it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["dueregard.collect", "dueregard.check"]):
    from tests.fuzz import ways
from tests.fuzz.mutate import mutated


def main(arguments: list[str]) -> None:
    way, flags = arguments[0], arguments[1:]
    with ways.folder() as name, ways.small_limits():
        atheris.Setup([sys.argv[0], *flags], _target(way, Path(name)), custom_mutator=_mutator)
        atheris.Fuzz()


def _target(way: str, folder: Path) -> Callable[[bytes], None]:
    if way == "whole":
        return lambda data: ways.judge_bytes(data, thoroughly=len(data) % 8 == 0)
    path, flat = folder / "school.csv", ways.known_of_mapping()

    def gate(data: bytes) -> None:
        ways.judge_gate(data, path)
        ways.judge_gate(data, path, flat)

    return gate


def _mutator(data: bytes, most: int, seed: int) -> bytes:
    """Mostly mutations of tables; now and then those of libFuzzer, which know only bytes."""
    return bytes(atheris.Mutate(data, most)) if seed % 8 == 0 else mutated(bytes(data), seed, most)


if __name__ == "__main__":
    main(sys.argv[1:])
