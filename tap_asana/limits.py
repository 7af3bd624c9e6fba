"""The thresholds of a run, which are no settings: users never change them, tests lower them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Thresholds with their defaults; `Run(settings, limits=Limits(...))` replaces some of them."""

    output_per_state_byte: int = 110
    """Bytes of output between two STATE messages for each byte of STATE, so that STATE stays under one percent."""

    max_debts: int = 1000
    """Debts in the state of one stream in one workspace, some 20 kB; beyond them everything is read again."""

    max_dry_run_parents: int = 8
    """Parents of a kind whose lists a dry run requests in a workspace, until one of them holds a record."""

    max_prefetched_pages: int = 100
    """Prefetched pages that may wait for their turn, including those that are not fetched yet."""

    max_page_token_age_seconds: float = 300.0
    """Age at which the keep-alive uses a page token; Asana accepts none that is older than 900 seconds."""

    keepalive_interval_seconds: float = 30.0
    """Seconds between two checks of the keep-alive."""

    log_interval_seconds: float = 30.0
    """Seconds between two lines of progress."""

    shutdown_grace_seconds: float = 5.0
    """Seconds in which a terminated run has to write its last STATE; supervisors kill it after ten or more."""

    max_search_tasks: int = 100
    """Tasks in one answer to a search (Asana's own limit)."""

    max_excluded_people: int = 200
    """People that one search excludes by their gids, which take some 4,000 characters of its URL."""

    export_batch_bytes: int = 256 * 1024
    """Bytes of an export's file whose tasks are written together."""

    max_export_line_bytes: int = 64 * 1024 * 1024
    """Bytes of one task in an export, including its stories and attachments."""

    max_export_expansion: int = 200
    """How many times its packed size an export's file may have when it is unpacked; JSON has ten times or so."""

    min_checked_export_bytes: int = 1024 * 1024 * 1024
    """Unpacked bytes up to which an export's file may expand by any factor."""

    max_disk_share: float = 0.9
    """Share of the free disk that the download of an export may take."""
