"""Protections of the output: complete lines, order of STATE, versions, privacy and repaired data."""

from scripts.mutations.mutation import Mutation

LAWS = ("tests/sync/test_laws.py",)
WRITER = ("tests/unit/test_writer.py", "tests/sync/test_laws_output.py")
VERSIONS = ("tests/sync/test_versions.py", "tests/sync/test_broken_data.py")
ROWS = ("tests/sync/test_rows_once.py",)
RESUMED = ("tests/sync/test_resumed_runs.py", "tests/sync/test_resuming.py")
PRIVACY = (
    *("tests/unit/test_privacy.py", "tests/unit/test_privacy_fields.py", "tests/unit/test_known_people.py"),
    *("tests/unit/test_mentions.py", "tests/sync/test_privacy_world.py", "tests/sync/test_learned_names.py"),
)

OUTPUT = (
    Mutation(
        "a run writes no row twice",
        "tap_asana/sync/written_rows.py",
        "is_new = hashes.get(gid) != row_hash",
        "is_new = True",
        ROWS,
    ),
    Mutation(
        "a row that has changed is written again",
        "tap_asana/sync/written_rows.py",
        "is_new = hashes.get(gid) != row_hash",
        "is_new = gid not in hashes",
        ROWS,
    ),
    Mutation(
        "runs without a pass know what they have written",
        "tap_asana/sync/session.py",
        "if has_read and not only else ()",
        "if has_read and is_reconciled and not only else ()",
        ROWS,
    ),
    Mutation(
        "STATE is written behind its records",
        "tap_asana/sync/writer.py",
        "self._put(block)\n        return count",
        "self._late = getattr(self, '_late', b'') + block\n        return count",
        ("tests/sync/test_laws_output.py", *LAWS),
    ),
    Mutation(
        "a partial write is continued",
        "tap_asana/sync/writer.py",
        "while position < len(lines):",
        "if position < len(lines):",
        WRITER,
    ),
    Mutation(
        "a signal waits for the end of the line",
        "tap_asana/sync/writer.py",
        "if not self._is_writing:",
        "if True:",
        WRITER,
    ),
    Mutation(
        "a target that closed the pipe ends the run in one line",
        "tap_asana/sync/writer.py",
        "            raise TargetClosedError from error",
        "            raise",
        (*WRITER, "tests/process/test_pipe.py"),
    ),
    Mutation(
        "STATE stays a small part of the output",
        "tap_asana/sync/writer.py",
        "return self._written_bytes >= output_per_state_byte * (self._state_bytes + self._last_state_bytes)",
        "return True",
        (*WRITER, "tests/sync/test_state_size.py"),
    ),
    Mutation(
        "a run that fails writes its last STATE",
        "tap_asana/sync/sdk_stream.py",
        "if isinstance(error, AsanaError | TerminationSignal):",
        "if False:",
        ("tests/process/test_killed.py",),
    ),
    Mutation(
        "a stream that the interrupted run completed gets no SCHEMA",
        "tap_asana/sync/sdk_stream.py",
        "if not self._schema_written and (is_required or self.session.includes(self.name)):",
        "if not self._schema_written:",
        (*RESUMED, "tests/sync/test_sdk.py"),
    ),
    Mutation(
        "completed streams count only for the same selection",
        "tap_asana/state/resume_points.py",
        'if entry and entry["selection"] == selection and',
        "if entry and",
        (*RESUMED, "tests/unit/test_state.py", "tests/sync/test_selection.py"),
    ),
    Mutation(
        "completed streams count only for half a day",
        "tap_asana/state/resume_points.py",
        ' and _age(entry["at"], now) < RESUME_TTL:',
        ":",
        (*RESUMED, "tests/unit/test_state.py"),
    ),
    Mutation(
        "lists below goals count as complete only for a recent attempt",
        "tap_asana/state/resume_points.py",
        "are_recent = _age(self._since, now) < recent",
        "are_recent = True",
        RESUMED,
    ),
    Mutation(
        "a version is announced only for a whole table",
        "tap_asana/sync/sdk_stream.py",
        "if self._version is not None and self.is_whole:",
        "if self._version is not None:",
        ("tests/sync/test_laws_output.py", *VERSIONS),
    ),
    Mutation(
        "a lost row anywhere blocks versions",
        "tap_asana/sync/stream.py",
        " and not metrics.rows_lost",
        "",
        VERSIONS,
    ),
    Mutation(
        "a skipped list blocks the version of its stream",
        "tap_asana/sync/stream.py",
        " and not metrics[self.name].is_incomplete",
        "",
        VERSIONS,
    ),
    Mutation(
        "a refused list of parents blocks versions",
        "tap_asana/sync/shared_lists.py",
        "self._incomplete |= set() if gap.is_not_in_plan else {consumer.name}",
        "pass",
        (*VERSIONS, "tests/sync/test_truncated_lists.py"),
        "none: each refusal is counted for its stream too, which blocks the version; this is a second line",
    ),
    Mutation(
        "a stream selected later reads its own past",
        "tap_asana/sync/task_tree_read.py",
        "groups.setdefault(self._cursor(stream).window(workspace), {})",
        "groups.setdefault(next(iter(groups), None) or self._cursor(stream).window(workspace), {})",
        ("tests/sync/test_incremental.py",),
    ),
    Mutation(
        "broken text is repaired",
        "tap_asana/api/decoding.py",
        "        return repair_text(value)",
        "        return value",
        ("tests/unit/test_decoding.py", "tests/sync/test_broken_data.py"),
    ),
    Mutation(
        "a number that no double holds becomes null",
        "tap_asana/api/decoding.py",
        "if isinstance(value, int | float) and not is_finite_number(value):",
        "if False:",
        ("tests/unit/test_decoding.py", "tests/sync/test_broken_data.py"),
    ),
    Mutation(
        "a record's people are known before its texts are read",
        "tap_asana/records/privacy.py",
        "            learn(record)\n",
        "",
        PRIVACY,
    ),
    Mutation(
        "all people are known before the first record",
        "tap_asana/sync/stream.py",
        "        self.session.run.load_known_people()\n",
        "",
        PRIVACY,
    ),
    Mutation(
        "a new person makes texts unknown again",
        "tap_asana/records/known_people.py",
        "            self.clean_texts.clear()\n",
        "",
        PRIVACY,
    ),
    Mutation(
        "a number that is a person's gid is dropped",
        "tap_asana/records/privacy.py",
        "self._number = _number_redactor(self.known_people.has_gid)",
        "self._number = _keep_scalar",
        PRIVACY,
    ),
    Mutation(
        "an undeclared object is dropped",
        "tap_asana/records/privacy.py",
        "return None if value.__class__ is dict or value.__class__ is list else value",
        "return value",
        PRIVACY,
    ),
    Mutation(
        "an object of unknown type may be a person",
        "tap_asana/records/privacy.py",
        "return not isinstance(kind, str) or kind in USER_TYPES",
        "return kind in USER_TYPES",
        PRIVACY,
    ),
    Mutation(
        "a custom field that may name people is dropped",
        "tap_asana/records/privacy.py",
        "if display and _may_name_people(value):",
        "if False:",
        PRIVACY,
    ),
    Mutation(
        "state has no gids of people",
        "tap_asana/records/privacy.py",
        "        if pseudonyms is None:\n            return BY_GID",
        "        if True:\n            return BY_GID",
        PRIVACY,
    ),
)
