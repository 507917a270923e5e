"""Counts and readability of a text on standard input, as JSON."""

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
    sentences = kit.sentences(text)
    frequent = Counter(word.lower() for word in words if len(word) > 3)
    return {
        "characters": len(text),
        "words": len(words),
        "sentences": len(sentences),
        "paragraphs": sum(1 for block in text.split("\n\n") if block.strip()),
        "frequent": frequent.most_common(3),
        "reading_seconds": kit.reading_seconds(text),
        "reading_ease": reading_ease(len(words), len(sentences), sum(map(kit.syllables, words))),
    }


def reading_ease(words: int, sentences: int, syllables: int) -> float | None:
    """Flesch's score for English: 100 is very easy, 0 very hard; none for a text without words."""
    if not words or not sentences:
        return None
    return round(206.835 - 1.015 * words / sentences - 84.6 * syllables / words, 1)


def main() -> None:
    print(json.dumps(stats(sys.stdin.read()), ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
