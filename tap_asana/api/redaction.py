"""Redaction of log lines: none holds text of users, be it from messages of Asana, URLs or errors of the tap (law 9).

Asana's messages can repeat user content, URLs hold page tokens, signatures and gids of people, and the message of an
exception can hold any data.
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
"""The words of Asana's own messages: terms of the API and common function words, but no names.

An allow list, because masking by pattern (quotations, e-mail addresses, tokens, long numbers) is not enough:
in `name: Buy milk for Ann Smith is too long` the title and the name match no pattern.
"""

SUPPORT_PHRASE: Final = re.compile(r"[0-9]{1,3}(?: [a-z]+){2,5}")
"""The phrase that identifies a 500 to Asana's support: a number and some random words."""

_PUNCTUATION: Final = re.compile(r"^\W*|\W*$")
_MASKS: Final = re.compile(r"…(?: …)+")
_QUERY: Final = re.compile(r"\?\S*")

MAX_DIGITS: Final = 3
"""Digits of a number that a log may show: a limit or a status, but not a gid."""

_PACKAGE: Final = Path(__file__).parent.parent


def redact(message: str) -> str:
    """Return a message from Asana in one line, with … in place of all words but safe words and small numbers."""
    return _MASKS.sub("…", " ".join(word if _is_safe(word) else "…" for word in message.split()))


def _is_safe(word: str) -> bool:
    core = _PUNCTUATION.sub("", word)
    if core.isdigit():
        return len(core) <= MAX_DIGITS
    is_capitalized = core.istitle() and core != "May"  # a name, too
    return (
        not core
        or core in SAFE_WORDS
        or (is_capitalized and core.lower() in SAFE_WORDS)
        or core in {"ID", "API", "JSON"}
    )


def redact_support_phrase(phrase: str) -> str:
    """Return the phrase of a 500, or an empty text if it has another form."""
    return phrase if SUPPORT_PHRASE.fullmatch(phrase) else ""


def escape_control_characters(text: str) -> str:
    """Escape all characters that do not print, so that none ends a line or moves a cursor."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


class SingleLineRecord(logging.LogRecord):
    """A log record whose message is one line of printable characters, with any logger and any formatter."""

    @override
    def getMessage(self) -> str:
        """Return the message, with characters that do not print escaped."""
        return escape_control_characters(super().getMessage())


def keep_log_lines_printable() -> None:
    """Escape control characters in all log lines from now on; Asana's messages can hold codes for terminals."""
    logging.setLogRecordFactory(SingleLineRecord)


def describe_error(error: BaseException) -> str:
    """Return the type of an error and its traceback in one line, innermost call first, without its message."""
    calls = [(frame.f_code, line) for frame, line in walk_tb(error.__traceback__)]
    places = [f"{_module(code.co_filename)}:{line} {code.co_name}" for code, line in reversed(calls)]
    return f"{type(error).__name__} at {' < '.join(places)}"


def _module(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(_PACKAGE.parent)) if path.is_relative_to(_PACKAGE) else path.name


class StripQueryStrings(logging.Filter):
    """Removes the queries of URLs that a library logs: they hold page tokens, signatures and gids of people."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _QUERY.sub("?…", str(record.msg)), tuple(_without_queries(record.args))
        record.exc_info = record.exc_text = None
        return True


def _without_queries(arguments: object) -> Iterator[object]:
    for argument in arguments if isinstance(arguments, tuple) else ():
        yield argument if isinstance(argument, int) else _QUERY.sub("?…", str(argument))


class DropDebugRecords(logging.Filter):
    """Drops log records below INFO, with which a library logs the data that passes through it."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.INFO


LIBRARY_FILTERS: Final = {
    "urllib3.connectionpool": StripQueryStrings(),
    "urllib3.connection": StripQueryStrings(),
    "singer_sdk.mapper": DropDebugRecords(),
}
"""Loggers of libraries that would reveal data, and their filters."""


def install_log_filters() -> None:
    """Add the filters to the libraries' loggers; calling it again changes nothing."""
    for name, log_filter in LIBRARY_FILTERS.items():
        logging.getLogger(name).addFilter(log_filter)
