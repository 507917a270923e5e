"""Counts of a text on standard input, as JSON."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections import Counter
from pathlib import Path

# Plugin folders are checked against their digests: no `__pycache__` may appear in them.
sys.dont_write_bytecode = True


def load(plugin: str, file: str):
    """Imports a file of another installed plugin."""
    path = Path(os.environ["LIBRAL_PLUGINS"], plugin, file)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def stats(text: str) -> dict:
    kit = load("lab/text-kit", "src/text_kit.py")
    words = kit.words(text)
    frequent = Counter(word.lower() for word in words if len(word) > 3)
    return {
        "characters": len(text),
        "words": len(words),
        "sentences": len(kit.sentences(text)),
        "paragraphs": sum(1 for block in text.split("\n\n") if block.strip()),
        "frequent": frequent.most_common(3),
    }


def main() -> None:
    print(json.dumps(stats(sys.stdin.read()), ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
