"""The decoder of exports for the streams of tasks."""

from __future__ import annotations

from collections.abc import Mapping

from tap_asana.parents.kinds import Workspace
from tap_asana.records.export_lines import ExportDecoder
from tap_asana.sync.facts import StreamFacts
from tap_asana.tasks.events import INLINE, KIND_FIELDS, REQUIRED_TASK_FIELD, TASKS
from tap_asana.tasks.project_counts import PROJECTS_FIELD


def new_decoder(workspace: Workspace, streams: Mapping[str, StreamFacts]) -> ExportDecoder | None:
    """Return a decoder for exports of these streams; None if any stream has to change its records further."""
    exported = {name: stream.exported for name, stream in streams.items() if name in {TASKS, *INLINE}}
    forms = {name: form for name, form in exported.items() if form is not None}
    if len(forms) < len(exported):
        return None
    task_stream = forms.pop(TASKS, None)
    facts = [PROJECTS_FIELD, *(field for name, field in REQUIRED_TASK_FIELD.items() if name in streams)]
    return ExportDecoder(workspace.gid, task_stream, forms, facts, KIND_FIELDS)
