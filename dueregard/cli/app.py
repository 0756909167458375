"""The application, its exit codes, and what every command shares."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, CycloptsError, Parameter

from dueregard import __version__
from dueregard.errors import DueRegardError, Interrupted, TargetError, Unforeseen, UsageError

if TYPE_CHECKING:
    from dueregard.collect.collect import Source


app = App(
    name="dueregard",
    default_parameter=Parameter(negative=()),
    suppress_keyboard_interrupt=False,  # `main` tells it, and leaves with its own code
    version=__version__,
    help="What does police contact with schools mean, and for whom? Collect, check, freeze, compare, report, verify.",
)


DONE, FAULTS, WRONG_USE = 0, 1, 2
STOPPED = "Stopped. The earlier state is whole; nothing half done was left behind."


Json = Annotated[
    bool, Parameter(name="--json", negative="", help="Print one JSON document and nothing else on standard output.")
]


def run(tokens: list[str] | None = None) -> None:
    """Run one command and leave with its exit code. To be ended by the system or a closed terminal is an interrupt too."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # a system may not have it
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # `nohup` may want it left alone
            signal.signal(number, _interrupt)
    sys.exit(main(tokens))


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main(tokens: list[str] | None = None) -> int:
    """Run one command. Returns the exit code; errors made on purpose are printed without a traceback."""
    try:
        result = app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
        return result if isinstance(result, int) else DONE
    except CycloptsError as fault:
        return _tell(UsageError(str(fault), try_this="`dueregard --help`, or `dueregard COMMAND --help`."))
    except KeyboardInterrupt:
        return _tell(Interrupted(STOPPED))
    except DueRegardError as fault:
        return _tell(fault)
    except BrokenPipeError:
        sys.stderr.close()
        return DONE
    except OSError as fault:
        return _tell(
            TargetError(f"The disk refused: {fault.strerror}.", try_this="free space or rights, then run it again.")
        )
    except Exception as fault:  # a traceback may quote a row of the source
        is_stopped = isinstance(fault, RuntimeError) and str(fault) == "Query interrupted"  # the database's word for it
        return _tell(Interrupted(STOPPED) if is_stopped else Unforeseen(fault))


def _tell(fault: DueRegardError) -> int:
    print(fault, file=sys.stderr)
    return fault.exit_code


def print_json(document: Any) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False))


def sources_of(paths: list[str], profile: str | None, mapping: Path | None = None) -> list[Source]:
    from dueregard.collect.collect import parse_source

    if profile and mapping:
        raise UsageError(
            "A source is read by a profile or by a mapping, not by both.", try_this="leave one of the two out."
        )
    return [parse_source(path, profile, mapping) for path in paths]


def show(told: tuple[str, Any], as_json: bool) -> int:
    """Text, or the same as JSON."""
    if as_json:
        print_json(told[1])
    else:
        print(told[0])
    return DONE
