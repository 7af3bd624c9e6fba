"""Protections of the state: bookmarks, debts and what was visible."""

from scripts.mutations.mutation import Mutation

LAWS = ("tests/sync/test_laws.py",)
DEBTS = ("tests/sync/test_debts.py", "tests/sync/test_debt_limits.py", "tests/sync/test_refusals.py")

LATE = ("tests/sync/test_late_lists.py",)

START_DATES = ("tests/sync/test_start_date.py",)

STATE = (
    Mutation(
        "further debts beyond the limit do not put off the daily read of everything",
        "tap_asana/state/debts.py",
        'self._partition.setdefault("debts_full", until)',
        "self._partition.update(debts_full=until)",
        ("tests/sync/test_debt_limits.py",),
    ),
    Mutation(
        "debts beyond the limit that a resumed read of everything meets are not forgotten",
        "tap_asana/state/debts.py",
        "parse_instant(lost) >= parse_instant(until)",
        "parse_instant(lost) == parse_instant(until)",
        ("tests/unit/test_debt_overflow.py",),
    ),
    Mutation(
        "what debts beyond the limit have lost is read whole once the start date of its read is moved back",
        "tap_asana/sync/cursor.py",
        "            if debts.have_overflowed:",
        "            if False:",
        ("tests/sync/test_lost_debts.py",),
    ),
    Mutation(
        "soon after a 404 below a new task, a 404 names no task as deleted",
        "tap_asana/state/debts.py",
        "return noted is not None and parse_instant(noted)",
        "return False and parse_instant(noted)",
        LATE,
    ),
    Mutation(
        "nor does one soon after a long run that has met the 404 late",
        "tap_asana/sync/task_tree_read.py",
        "new_at = run.earliest_now if",
        "new_at = run.start if",
        LATE,
    ),
    Mutation(
        "a list that becomes visible under a start date is read whole once the date is moved back",
        "tap_asana/sync/prior_reads.py",
        "for cursor in cursors if found else ():",
        "for cursor in ():",
        START_DATES,
    ),
    Mutation(
        "an owed list that is read under a start date is read whole once the date is moved back",
        "tap_asana/sync/task_tree_read.py",
        "        for stream in debtors.values():\n            self._cursor(stream).read_from_start_date(workspace)\n",
        "",
        START_DATES,
    ),
    Mutation(
        "status updates of new parents under a start date are read whole once it is moved back",
        "tap_asana/sync/created_since.py",
        "            if new:\n                cursor.read_from_start_date(workspace)\n",
        "",
        START_DATES,
    ),
    Mutation(
        "owed status updates under a start date are read whole once it is moved back",
        "tap_asana/sync/created_since.py",
        "        self._cursor.read_from_start_date(workspace)\n        debts",
        "        debts",
        START_DATES,
    ),
    Mutation(
        "what another method finds under a start date is read whole once it is moved back",
        "tap_asana/sync/cursor.py",
        "if last_method not in {None, self.bookmark(workspace).method}:",
        "if False:",
        START_DATES,
    ),
    Mutation(
        "the rest of an interrupted read begins at a start date set since",
        "tap_asana/state/bookmarks.py",
        "return replace(old_window, since=since) if is_early else old_window",
        "return old_window",
        START_DATES,
    ),
    Mutation(
        "the bookmark goes by the slower clock",
        "tap_asana/run.py",
        "return self._start_time(self.client.clock_skew.ahead)",
        "return self._start_time(0.0)",
        ("tests/sync/test_clocks.py",),
    ),
    Mutation(
        "without Date, the bookmark goes by the newest change",
        "tap_asana/run.py",
        "if window.until != self.start or self._start_is_certain:",
        "if True:",
        ("tests/sync/test_clocks.py",),
    ),
    Mutation(
        "every read starts a lookback before its bookmark",
        "tap_asana/state/bookmarks.py",
        "begin = look_back(parse_instant(bookmark.value), lookback_seconds)",
        "begin = parse_instant(bookmark.value)",
        ("tests/sync/test_incremental.py", *LAWS),
    ),
    Mutation(
        "the bookmark is the start of the read, not its end",
        "tap_asana/state/bookmarks.py",
        'self._partition["replication_key_value"] = max(window.until, self.value or window.until, key=parse_instant)',
        'self._partition["replication_key_value"] = format_instant(look_back(parse_instant(window.until), -1800))',
        (*LAWS, "tests/sync/test_clocks.py"),
    ),
    Mutation(
        "a bookmark in the future is set to now",
        "tap_asana/state/bookmarks.py",
        "if value is None or parse_instant(value) <= now:",
        "if True:",
        ("tests/sync/test_clocks.py", "tests/unit/test_state.py"),
    ),
    Mutation(
        "an earlier start date reads more",
        "tap_asana/state/bookmarks.py",
        "bookmark.value is not None and bookmark.has_read_since(start_date):",
        "bookmark.value is not None:",
        ("tests/sync/test_start_date.py",),
    ),
    Mutation(
        "a newly visible project is read whole",
        "tap_asana/state/visible_parents.py",
        "return {key for first, keys in self._groups() if first <= run for key in keys}",
        "return {key for first, keys in self._groups() for key in keys}",
        ("tests/unit/test_visible_parents.py", "tests/sync/test_incremental.py"),
    ),
    Mutation(
        "a refused list is owed",
        "tap_asana/state/debts.py",
        "if status != HTTPStatus.PAYMENT_REQUIRED:",
        "if False:",
        DEBTS,
    ),
    Mutation(
        "402 is no debt",
        "tap_asana/state/debts.py",
        "if status != HTTPStatus.PAYMENT_REQUIRED:",
        "if True:",
        DEBTS,
    ),
    Mutation(
        "a debt refused again stays",
        "tap_asana/state/debts.py",
        "if debt not in self._unavailable:",
        "if True:",
        DEBTS,
    ),
    Mutation(
        "more debts than state holds read everything again",
        "tap_asana/state/debts.py",
        'self._partition["debts_full"] = until\n',
        "pass\n",
        DEBTS,
    ),
    Mutation(
        "a debt ends when its parent is gone",
        "tap_asana/state/debts.py",
        "if may_be_gone and (debt.gid in self._gone_tasks or not has_parent()):",
        "if False:",
        DEBTS,
    ),
    Mutation(
        "people stay visible while their list is owed",
        "tap_asana/sync/cursor.py",
        "return state_keys | parents.at(self._run_number) if is_owed else state_keys",
        "return state_keys",
        ("tests/sync/test_refused_users_and_tags.py", "tests/sync/test_new_users_and_tags.py"),
        "none: their debt is paid in any case; it only spares lists paid by a killed run",
    ),
    Mutation(
        "a refused list of parents is owed",
        "tap_asana/sync/cursor.py",
        "ledger.on_unavailable(debt, refusal.unavailable.status)",
        "pass",
        ("tests/sync/test_debt_limits.py",),
    ),
    Mutation(
        "a read in progress that began in the future is dropped",
        "tap_asana/state/bookmarks.py",
        '            self._partition.pop("window")\n',
        "            pass\n",
        ("tests/sync/test_clocks.py", "tests/unit/test_state.py"),
    ),
    Mutation(
        "a bookmark never moves back",
        "tap_asana/state/bookmarks.py",
        "max(window.until, self.value or window.until, key=parse_instant)",
        "window.until",
        ("tests/unit/test_state.py", "tests/sync/test_clocks.py"),
    ),
)
