"""Messages as JSON on standard input, a Markdown digest by conversation on standard output."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
from pathlib import Path

# Plugin folders are checked against their digests: no `__pycache__` may appear in them.
sys.dont_write_bytecode = True

# Mail programs of several languages put these before a subject, sometimes more than once.
REPLY_MARKS = re.compile(r"^(?:(?:re|fwd?|aw|wg|tr|sv)\s*:\s*)+", re.I)


def load(plugin: str, file: str):
    """Imports a file of another installed plugin."""
    path = Path(os.environ["LIBRAL_PLUGINS"], plugin, file)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def conversations(messages: list[dict]) -> list[tuple[str, list[dict]]]:
    """Messages with one subject, oldest first; the busiest conversation leads."""
    threads: dict[str, list[dict]] = {}
    for message in sorted(messages, key=lambda message: message["date"]):
        subject = REPLY_MARKS.sub("", message["subject"]).strip()
        threads.setdefault(subject, []).append(message)
    return sorted(threads.items(), key=lambda thread: -len(thread[1]))


def first_sentence(body: str) -> str:
    # Quoted lines repeat what somebody else wrote.
    own = " ".join(line for line in body.splitlines() if not line.startswith(">"))
    sentences = load("lab/text-kit", "src/text_kit.py").sentences(own)
    return sentences[0] if sentences else "(no text)"


def digest(messages: list[dict]) -> str:
    blocks = []
    for subject, thread in conversations(messages):
        lines = [f"## {subject} ({len(thread)})", ""]
        lines += [f"- **{message['from']}**: {first_sentence(message['body'])}" for message in thread]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


if __name__ == "__main__":
    print(digest(json.load(sys.stdin)))
