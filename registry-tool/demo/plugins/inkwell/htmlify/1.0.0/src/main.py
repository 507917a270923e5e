"""Plain text on standard input, HTML paragraphs with clickable addresses on standard output."""

from __future__ import annotations

import html
import re
import sys

# A full stop or comma after an address belongs to the sentence.
ADDRESS = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)]")


def paragraph(block: str) -> str:
    # The addresses stand at the odd places, since the pattern is one group.
    pieces = re.split(f"({ADDRESS.pattern})", block)
    for index, piece in enumerate(pieces):
        text = html.escape(piece)
        pieces[index] = f'<a href="{text}">{text}</a>' if index % 2 else text
    lines = "".join(pieces).splitlines()
    return "<p>" + "<br>\n".join(lines) + "</p>"


def render(text: str) -> str:
    blocks = re.split(r"\n\s*\n", text)
    return "\n".join(paragraph(block.strip()) for block in blocks if block.strip())


if __name__ == "__main__":
    print(render(sys.stdin.read()))
