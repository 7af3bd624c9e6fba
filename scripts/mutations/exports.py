"""Protections of exports: their files, what they lack, and the host that has them."""

from scripts.mutations.mutation import Mutation

REACH = ("tests/sync/test_export_reach.py",)
EXPORT = ("tests/sync/test_export.py", "tests/sync/test_export_forms.py", *REACH)
DOWNLOAD = ("tests/unit/test_download.py", "tests/unit/test_export_file.py", "tests/sync/test_export.py")

EXPORTS = (
    Mutation(
        "an export starts earlier than its bound",
        "tap_asana/tasks/by_export.py",
        "self._context.workspace.gid, self._context.window.filter_bound",
        "self._context.workspace.gid, self._context.window.since",
        ("tests/sync/test_start_date.py",),
    ),
    Mutation(
        "an export is compared with tasks that other requests find",
        "tap_asana/tasks/export_reach.py",
        "if (gid := self._missing()) is not None:",
        "if (gid := None) is not None:",
        REACH,
    ),
    Mutation(
        "tasks to compare are found before the export is requested",
        "tap_asana/tasks/by_export.py",
        "        self._reach.expect()\n",
        "",
        REACH,
        "none: tasks older than the read are found when the file is there too; this only compares more of them",
    ),
    Mutation(
        "children that an export cuts off are requested",
        "tap_asana/tasks/export_reach.py",
        "        self._add_cut_children(sources)",
        "        pass",
        REACH,
    ),
    Mutation(
        "an export of everything shows whether earlier ones lacked older tasks",
        "tap_asana/tasks/export_reach.py",
        "if self._older and self._context.reach.exported(PRIVATE_KIND) is None:",
        "if False:",
        REACH,
    ),
    Mutation(
        "exports that leave out tasks outside of all projects are not requested again",
        "tap_asana/tasks/export_reach.py",
        "            self._record_gap(PRIVATE_KIND)",
        "            pass",
        REACH,
    ),
    Mutation(
        "an export is compared with Asana's counts",
        "tap_asana/tasks/by_export.py",
        "        self._counts.check()\n",
        "",
        EXPORT,
    ),
    Mutation(
        "a changed file is read from its start",
        "tap_asana/tasks/by_export.py",
        "position = position._replace(done=0)",
        "pass",
        EXPORT,
    ),
    Mutation(
        "an export of other fields is not resumed",
        "tap_asana/tasks/by_export.py",
        "return position if position.fields == self._fields_hash else _ExportPosition()",
        "return position",
        EXPORT,
    ),
    Mutation(
        "new projects are listed, because an export has only their changes",
        "tap_asana/tasks/strategy.py",
        "if prior.new_projects and not prior.is_first_read and not prior.is_widened_by(EXPORT):",
        "if False:",
        (*EXPORT, "tests/sync/test_incremental.py", "tests/sync/test_methods.py"),
    ),
    Mutation(
        "children of a task are requested if its line has no field for them",
        "tap_asana/tasks/by_task.py",
        "if self._has_no_field(task):",
        "if False:",
        EXPORT,
    ),
    Mutation(
        "an export that stays damaged is replaced by another method",
        "tap_asana/tasks/by_export.py",
        "if isinstance(error, CorruptExportError) and (delay is None or is_same):",
        "if False:",
        EXPORT,
    ),
    Mutation(
        "a file with content, but without tasks, is damaged",
        "tap_asana/tasks/export_file.py",
        "if has_content and not has_tasks:",
        "if False:",
        DOWNLOAD,
    ),
    Mutation(
        "a download has its announced length",
        "tap_asana/api/transport.py",
        "if length.isdecimal() and written_bytes != int(length):",
        "if False:",
        DOWNLOAD,
    ),
    Mutation(
        "a download travels over https",
        "tap_asana/api/transport.py",
        'if parts.scheme != "https" and not is_loopback(parts.hostname or ""):',
        "if False:",
        DOWNLOAD,
    ),
    Mutation(
        "the host of a download gets no credentials",
        "tap_asana/api/transport.py",
        "allow_redirects=False, auth=no_auth)",
        "allow_redirects=False)",
        (*DOWNLOAD, "tests/sync/test_secrets.py", "tests/unit/test_real_connections.py"),
    ),
    Mutation(
        "a refused or truncated list is no proof that an export holds all rows",
        "tap_asana/tasks/export_reach.py",
        "if page.truncated or is_refused or metrics",
        "if metrics",
        (*REACH, "tests/repo/test_failed_seeds.py"),
    ),
    Mutation(
        "a list that answers 404 is no proof that an export holds all rows of a task that exists",
        "tap_asana/tasks/export_reach.py",
        "(status not in GONE_STATUSES or has_task(debt, self._context))",
        "status not in GONE_STATUSES",
        ("tests/repo/test_failed_seeds.py",),
    ),
    Mutation(
        "a task that the file has in a project is no proof that exports contain those outside of all projects",
        "tap_asana/tasks/subtask_samples.py",
        'return not value_of(task, "projects") and bool(',
        "return bool(",
        REACH,
    ),
    Mutation(
        "a task that the file has in another place below or above others is no proof of what exports contain",
        "tap_asana/tasks/subtask_samples.py",
        ' and bool(value_of(task, "parent")) == (kind == SUBTASK_KIND)',
        "",
        REACH,
    ),
    Mutation(
        "a subtask with a project of its own is no proof that exports contain other subtasks",
        "tap_asana/tasks/export_reach.py",
        'self._placed |= {task["gid"]} if is_placed_subtask(task) else set()',
        "pass",
        (*REACH, "tests/repo/test_failed_seeds.py"),
    ),
)
