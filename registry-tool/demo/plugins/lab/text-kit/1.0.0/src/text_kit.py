"""Words, sentences and slugs: the text functions that other plugins share.

As a program it prints what it finds in standard input, as JSON.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata

# A word may hold inner apostrophes and hyphens ("don't", "well-known"), but none at its edges.
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")

# White space ends a sentence only before something that can start one: "e.g. this" stays whole.
SENTENCE_BREAK = re.compile(r"(?<=[.!?…])\s+(?=[\"“‘(]?[^\Wa-z_])")


def words(text: str) -> list[str]:
    return WORD.findall(text)


def sentences(text: str) -> list[str]:
    return [part.strip() for part in SENTENCE_BREAK.split(text) if part.strip()]


def slug(text: str) -> str:
    """A name for URLs: `Crème brûlée!` becomes `creme-brulee`."""
    # NFKD splits letters from their accents; the accents are then not ASCII and fall away.
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower()))


def main() -> None:
    text = sys.stdin.read()
    found = {"words": words(text), "sentences": sentences(text), "slug": slug(text)}
    print(json.dumps(found, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
