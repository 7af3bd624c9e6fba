"""What may stand in a log: no words of others, be they in Asana's messages, in addresses or in errors of the tap's own.

Asana's messages can repeat what they are about, addresses hold page tokens, signatures and people's gids, and an
exception's message holds whatever was at hand.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from traceback import walk_tb
from typing import Final

from typing_extensions import override

_WORDS = """
a about access accessible account accounts action active actor after all allowed already an and another any api app
application are array as asana assigned assignee at attachment attachments audit authenticated authorization authorize
authorized automatic available bad be because been before belong belongs between body boolean bot both but by can
cannot category character characters client closed code code_verifier comment complete completed completed_since
concurrent conflict contact contain contains could created created_at.after created_at.before created_since credentials
custom custom_field custom_fields data database date date-time deactivated deleted dependency deprecated disabled do
does domain duplicate either email empty enable enabled endpoint endpoints enterprise entity equal error events exceed
exceeded exceeds exist existing exists expected expired export export_request_parameters exports failed false feature
field fields filter filters find for forbidden format found from gateway get gid given goal goals gone grant group
guest has have header http id identifier if in inaccessible inactive include includes input internal invalid
invalid_client invalid_grant invalid_request invalid_scope is is_archived issue it its job json key large later least
length license limit limited list long longer loop made malformed many match matching maximum may may_not member
members membership memberships method milliseconds minimum missing modified_at modified_at.after modified_at.before
modified_since more moved must name narrow narrower need needed needs new no none not nothing null number oauth object
objects of off offset oh on once one only opt_fields or organization organizations other our out outdated over owner
page pages pagination parameter parameters parent parse payment permission permissions permitted personal plan please
portfolio portfolios possible premium private progress project projects property provide provided public query quota
range rate read reason recognized record records redirect redirect_uri refresh refresh_token refused removed request
requested requests require required requires resource resource_type resources response result results retry revoked
route scope scopes search seconds secret section sections see seems server service set should size slow some something
sort_by specified specify specifying start start_at status stories story string subtask subtasks such supplied support
supported supported_goal sync tag tags target task tasks team teams temporarily temporary text than that the there they
this time timed timeout token tokens too true truncated try type unable unauthorized unauthorized_client unavailable
understand unexpected unknown unsupported until update upgrade use used user users valid value values verifier was went
were when which while with without workspace workspaces write wrong year years you your
"""

SAFE_WORDS: Final = frozenset(_WORDS.split())
"""What Asana's own messages are made of: words of the API, and small ones that bind them. No names."""

SUPPORT_PHRASE: Final = re.compile(r"[0-9]{1,3}(?: [a-z]+){2,5}")
"""What Asana's support asks for after a 500: a number and some words made up at random."""

_CORE: Final = re.compile(r"^\W*|\W*$")
_HIDDEN: Final = re.compile(r"…(?: …)+")
_QUERY: Final = re.compile(r"\?\S*")
_PACKAGE: Final = Path(__file__).parent.parent


def redact(message: str) -> str:
    """Return a message of Asana's in one line, with … for all that is neither one of its words nor a small number."""
    return _HIDDEN.sub("…", " ".join(word if _is_known(word) else "…" for word in message.split()))


def _is_known(word: str) -> bool:
    core = _CORE.sub("", word)
    if core.isdigit():
        return len(core) <= 3  # noqa: PLR2004 - a limit or a status, and no gid
    begins = core.istitle() and core != "May"
    return not core or core in SAFE_WORDS or (begins and core.lower() in SAFE_WORDS) or core in {"ID", "API", "JSON"}


def redact_support_phrase(phrase: str) -> str:
    """Return the phrase that comes with a 500, or nothing where it is none."""
    return phrase if SUPPORT_PHRASE.fullmatch(phrase) else ""


def escape_control_characters(text: str) -> str:
    """Return a text with an escape for each character that does not print: none ends a line or moves a cursor."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


class SingleLineRecord(logging.LogRecord):
    """A log record whose message is one line of printable characters, whoever logs it and whatever formats it."""

    @override
    def getMessage(self) -> str:
        """Return the message with an escape for each character that does not print."""
        return escape_control_characters(super().getMessage())


def keep_log_lines_printable() -> None:
    """Escape control characters in every log line from now on: Asana's words can hold codes for terminals."""
    logging.setLogRecordFactory(SingleLineRecord)


def describe_error(error: BaseException) -> str:
    """Return what an error is and where it happened, without its message: the innermost place comes first."""
    places = [(frame.f_code, line) for frame, line in walk_tb(error.__traceback__)]
    here = [f"{_module(code.co_filename)}:{line} {code.co_name}" for code, line in reversed(places)]
    return f"{type(error).__name__} at {' < '.join(here)}"


def _module(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(_PACKAGE.parent)) if path.is_relative_to(_PACKAGE) else path.name


class StripQueryStrings(logging.Filter):
    """Takes the queries out of the addresses that a library logs: page tokens, signatures, gids of people."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _QUERY.sub("?…", str(record.msg)), tuple(_shortened(record.args))
        record.exc_info = record.exc_text = None
        return True


def _shortened(arguments: object) -> Iterator[object]:
    for argument in arguments if isinstance(arguments, tuple) else ():
        yield argument if isinstance(argument, int) else _QUERY.sub("?…", str(argument))


class DropDebugRecords(logging.Filter):
    """Keeps back what a library logs of the records that pass through it: all below the level INFO."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.INFO


LIBRARY_FILTERS: Final = {
    "urllib3.connectionpool": StripQueryStrings(),
    "urllib3.connection": StripQueryStrings(),
    "singer_sdk.mapper": DropDebugRecords(),
}
"""Loggers that would tell too much, and what keeps them from it."""


def install_log_filters() -> None:
    """Put the filters before the libraries' loggers; a second time changes nothing."""
    for name, kept in LIBRARY_FILTERS.items():
        logging.getLogger(name).addFilter(kept)
