"""Read a Dockerfile, and find what breaks the rules of a small and safe image."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

SECRET = re.compile(r"TOKEN|SECRET|PASSW|CREDENTIAL|_KEY", re.IGNORECASE)


class Instruction(NamedTuple):
    """An instruction of a Dockerfile, with its continued lines joined."""

    name: str
    text: str


def parse(text: str) -> list[Instruction]:
    """Return the instructions of a Dockerfile."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [
        Instruction(name.upper(), rest.strip())
        for name, _, rest in (line.partition(" ") for line in joined.splitlines())
    ]


def stages(instructions: Sequence[Instruction]) -> list[list[Instruction]]:
    """Return the instructions of each stage."""
    starts = [at for at, instruction in enumerate(instructions) if instruction.name == "FROM"]
    return [list(instructions[at:end]) for at, end in zip(starts, [*starts[1:], None], strict=True)]


def environment(stage: Sequence[Instruction]) -> dict[str, str]:
    """Return the environment that a stage sets."""
    text = " ".join(instruction.text for instruction in stage if instruction.name == "ENV")
    return dict(re.findall(r"(\w+)=(\S+)", text))


def broken_rules(text: str) -> list[str]:
    """Return a line for each rule that a Dockerfile breaks."""
    instructions = parse(text)
    *_, final = stages(instructions)
    return [*_everywhere(instructions), *_at_the_end(final)]


def _everywhere(instructions: Sequence[Instruction]) -> Iterator[str]:
    for name, text in instructions:
        if name == "FROM" and not re.fullmatch(r"python:3\.\d+(\.\d+)?-slim-[a-z]+( AS \w+)?", text):
            yield f"FROM {text}: not a slim image of one version and release"
        if name == "ADD":
            yield f"ADD {text}: COPY fetches and unpacks nothing"
        if name in {"ARG", "ENV"} and SECRET.search(text):
            yield f"{name} {text}: stays in the image"
        if name == "RUN" and "pip install" in text and text.count("pip install") != text.count("--no-cache-dir"):
            yield f"RUN {text}: leaves a cache"
        if name == "RUN" and re.search(r"\bsudo\b|curl|wget", text):
            yield f"RUN {text}: fetches or needs more than it should"
        if name in {"ENTRYPOINT", "CMD"} and not _is_list(text):
            yield f"{name} {text}: a shell would stand between the signals and the tap"


def _at_the_end(final: Sequence[Instruction]) -> Iterator[str]:
    names = [instruction.name for instruction in final]
    users = [instruction.text for instruction in final if instruction.name == "USER"]
    if not users or not re.fullmatch(r"[1-9]\d*(:[1-9]\d*)?", users[-1]):
        yield "USER: the last one is not a number other than 0, which Kubernetes can check"
    for needed in ("ENTRYPOINT", "HEALTHCHECK", "USER"):
        if needed not in names:
            yield f"{needed}: missing"
    if "RUN" in names:
        yield "RUN: the last stage holds what was built and no tools for it"


def _is_list(text: str) -> bool:
    try:
        return isinstance(json.loads(text), list)
    except json.JSONDecodeError:
        return False
