"""Thresholds of a run. They are not settings: users never change them, but tests lower them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Thresholds and their defaults; `Run(settings, limits=Limits(...))` replaces some."""

    output_per_state_byte: int = 110
    """Bytes of output between two STATE messages for each byte of STATE, so that STATE stays under one percent."""

    min_resumed_seconds: int = 600
    """Age of an interrupted read from which the run that completes it reads what has changed since, too."""

    max_debts: int = 1000
    """Debts in the state of one stream in one workspace, some 20 kB; beyond them everything is read again."""

    max_dry_run_parents: int = 8
    """Parents of a kind whose lists a dry run requests in a workspace, until one holds a record."""

    max_prefetched_pages: int = 250
    """Prefetched pages waiting for their turn, including pages not fetched yet."""

    max_prefetched_pages_per_list: int = 20
    """Prefetched pages of one list of parents, which wait until the last one is there."""

    max_page_token_age_seconds: float = 300.0
    """Age at which the keep-alive uses a page token; Asana rejects tokens older than 900 seconds."""

    keepalive_interval_seconds: float = 30.0
    """Seconds between two checks of the keep-alive."""

    log_interval_seconds: float = 30.0
    """Seconds between two lines of progress."""

    shutdown_grace_seconds: float = 5.0
    """Time for a terminated run to write its last STATE; supervisors kill it after ten seconds or more."""

    max_stage_tasks: int = 25
    """Tasks that a pass by list or export reads together: what a killed run has to read again."""

    max_repeatable_rows: int = 50_000
    """Rows of an incremental stream that a run remembers, in some 150 bytes each, so that none is written twice."""

    max_search_tasks: int = 100
    """Tasks in one answer to a search (Asana's own limit)."""

    pages_before_split: int = 10
    """Pages of a project's list after which the list may be split by section."""

    max_split_cost: float = 0.25
    """Further requests that a split may take for each page of the list; each page is requested twice anyway."""

    min_pages_at_once: int = 4
    """Pages from which the second pass over a list requests its pages at once."""

    min_page_token_seconds: float = 300.0
    """Seconds that page tokens must live to be used in a second pass: until a long list is read, with all others."""

    max_uncompared_lists: int = 25
    """Lists that a run reads because nothing was found to compare a search with; more are too expensive."""

    max_excluded_people: int = 200
    """People that one search excludes by their gids, which take some 4,000 characters of its URL."""

    export_batch_bytes: int = 256 * 1024
    """Bytes of an export file whose tasks are written together."""

    max_export_line_bytes: int = 64 * 1024 * 1024
    """Bytes of one task in an export, including its stories and attachments."""

    max_export_expansion: int = 200
    """Limit of the unpacked size of an export file, as a multiple of its packed size; that of JSON is about 10."""

    min_checked_export_bytes: int = 1024 * 1024 * 1024
    """Unpacked bytes up to which an export file may expand by any factor."""

    max_disk_share: float = 0.9
    """Share of the free disk that the download of an export may take."""
