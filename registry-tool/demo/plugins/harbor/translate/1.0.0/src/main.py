"""Translates everyday phrases offline, with the phrasebook plugin."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
from pathlib import Path

# Plugin folders are checked against their digests: no `__pycache__` may appear in them.
sys.dont_write_bytecode = True


def plugin_path(plugin: str, file: str) -> Path:
    return Path(os.environ["LIBRAL_PLUGINS"], plugin, file)


def load(plugin: str, file: str):
    """Imports a file of another installed plugin."""
    path = plugin_path(plugin, file)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load_phrasebook() -> dict:
    path = plugin_path("harbor/phrasebook", "src/phrases.json")
    return json.loads(path.read_text(encoding="utf-8"))


def translate(text: str, source: str, target: str, phrasebook: dict) -> str:
    """Replaces known phrases, longest first; other words stay as they are."""
    find_words = load("lab/text-kit", "src/text_kit.py").WORD.finditer
    entries = {
        tuple(match.group().lower() for match in find_words(phrase[source])): phrase[target]
        for phrase in phrasebook["phrases"]
    }
    longest = max(map(len, entries))
    found = list(find_words(text))

    output, written, index = [], 0, 0
    while index < len(found):
        for length in range(min(longest, len(found) - index), 0, -1):
            span = found[index : index + length]
            phrase = entries.get(tuple(match.group().lower() for match in span))
            if phrase is not None:
                output += [text[written : span[0].start()], like(span[0].group(), phrase)]
                written = span[-1].end()
                index += length
                break
        else:
            index += 1
    return "".join(output) + text[written:]


def like(original: str, phrase: str) -> str:
    """A capital stays a capital, since it may begin a sentence."""
    return phrase[0].upper() + phrase[1:] if original[0].isupper() else phrase


def main() -> None:
    phrasebook = load_phrasebook()
    languages = phrasebook["languages"]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="source", choices=languages, default="en")
    parser.add_argument("--to", dest="target", choices=languages, required=True)
    options = parser.parse_args()
    print(translate(sys.stdin.read(), options.source, options.target, phrasebook), end="")


if __name__ == "__main__":
    main()
