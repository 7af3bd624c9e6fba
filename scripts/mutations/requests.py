"""Protections of single requests: retries, refusals, pages and logs."""

from scripts.mutations.mutation import Mutation

ANSWERS = ("tests/sync/test_laws_answers.py",)

REQUESTS = (
    Mutation(
        "a request is tried again",
        "tap_asana/api/retries.py",
        "for step in islice(steps, attempts - 1):",
        "for step in islice(steps, 0):",
        ("tests/unit/test_retries.py", "tests/sync/test_faults.py"),
    ),
    Mutation(
        "only Asana's own envelope refuses",
        "tap_asana/api/protocol.py",
        "if is_envelope(document) and _is_lasting(status):",
        "if _is_lasting(status):",
        (*ANSWERS, "tests/sync/test_faults.py"),
    ),
    Mutation(
        "an expired page token restarts the list",
        "tap_asana/api/attempts.py",
        "return self._restart_list(TOKENS_EXPIRE_TOO_FAST)",
        "return protocol.Records([], None, None, False, 0, frozenset(), True)",
        (*ANSWERS, "tests/sync/test_circular_lists.py"),
    ),
    Mutation(
        "a list that repeats its pages starts again, and ends",
        "tap_asana/api/attempts.py",
        "trail = (request.trail if request.offset else PageTrail()).after(response.offset, response.records)",
        "trail = PageTrail()",
        ("tests/sync/test_circular_lists.py",),
    ),
    Mutation(
        "a page without a word on the next one is asked whole",
        "tap_asana/api/attempts.py",
        "return _rows(response) >= limit or not (stops or self._client.names_next_pages)",
        "return False",
        ("tests/sync/test_partial_lists.py", "tests/sync/test_versions.py"),
    ),
    Mutation(
        "a 504 halves the page",
        "tap_asana/api/attempts.py",
        "if retry.halve_page and rows is not None and rows > min_rows:",
        "if False and rows is not None:",
        (*ANSWERS, "tests/unit/test_client.py"),
    ),
    Mutation(
        "many failures in a row are an outage",
        "tap_asana/api/retries.py",
        "return self._failures >= self._max_failures",
        "return False",
        ("tests/unit/test_outages.py", "tests/sync/test_persistent_refusals.py"),
    ),
    Mutation(
        "the root is asked before a failing parent is skipped",
        "tap_asana/api/retries.py",
        "if self._latest_answered.get(token, -1) <= number:",
        "if False:",
        ("tests/unit/test_outages.py", "tests/unit/test_token_refusals.py", "tests/sync/test_persistent_refusals.py"),
    ),
    Mutation(
        "logs have safe words only",
        "tap_asana/api/protocol.py",
        "message = redact(text) or _phrase(status)",
        "message = text or _phrase(status)",
        ("tests/unit/test_redaction.py", "tests/sync/test_secrets.py"),
    ),
    Mutation(
        "a cut body is a failure",
        "tap_asana/api/transport.py",
        "raise requests.exceptions.ChunkedEncodingError(error) from error",
        'return b""',
        ("tests/sync/test_faults.py", "tests/unit/test_body.py"),
    ),
)
