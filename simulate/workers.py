"""Processes that play seeds; one that dies is reported with its seed, and another takes its place."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait

from simulate.failures import Failure, prepare

FORK = get_context("fork")
"""New processes have all modules at once; the process that starts them has no threads."""

Play = Callable[[int], Failure | None]


class Worker:
    """A process that plays one seed after another."""

    def __init__(self, play: Play) -> None:
        """Start the process."""
        self.answers, theirs = FORK.Pipe()
        self.seed = 0
        """The seed that it plays now."""

        self._process = FORK.Process(target=_serve, args=(theirs, self.answers, play), daemon=True)
        self._process.start()
        theirs.close()

    def start(self, seed: int) -> None:
        """Start to play a seed."""
        self.seed = seed
        with suppress(BrokenPipeError):  # it has died since its last answer, which `failure` finds
            self.answers.send(seed)

    def failure(self) -> Failure | None:
        """Return the failure of the seed, None if it passes; raises EOFError if the process has died."""
        try:
            found: Failure | None = self.answers.recv()
        except ConnectionResetError as error:
            raise EOFError from error
        return found

    def death(self) -> str:
        """Return of what the process has died."""
        self._process.join()
        code = self._process.exitcode or 0
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def end(self) -> None:
        """End the process, which plays nothing now."""
        with suppress(BrokenPipeError):
            self.answers.send(None)
        self._process.join()


def _serve(answers: Connection, other_end: Connection, play: Play) -> None:
    """Answer each seed; an interrupt from a terminal is for the other end alone.

    This process has inherited the other end, and must close it: it would never hear that the other process has died.
    """
    other_end.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    prepare()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):  # the other end has died
        while (seed := answers.recv()) is not None:
            answers.send(play(seed))


def play_seeds(
    seeds: Iterable[int], play: Play, jobs: int, is_over: Callable[[], bool]
) -> Iterator[tuple[int, Failure | None]]:
    """Yield each seed with its failure, if it fails; once it `is_over`, finish the seeds that are being played.

    A dead process is a failure of its seed. Once it is over, it is none: whoever ends this process ends all.
    """
    remaining, idle, busy = iter(seeds), [Worker(play) for _ in range(jobs)], dict[object, Worker]()
    while True:
        while idle and not is_over() and (seed := next(remaining, None)) is not None:
            worker = idle.pop()
            worker.start(seed)
            busy[worker.answers] = worker
        if not busy:
            break
        for connection in wait([worker.answers for worker in busy.values()]):
            worker = busy.pop(connection)
            seed = worker.seed
            try:
                failure = worker.failure()
            except EOFError:
                if is_over():
                    continue
                failure, worker = Failure(worker.seed, (f"its process died of {worker.death()}",)), Worker(play)
            idle.append(worker)
            yield seed, failure
    for worker in idle:
        worker.end()
