"""Markdown on standard input, HTML on standard output. Raw HTML is shown, never passed on."""

from __future__ import annotations

import html
import re
import sys

HEADING = re.compile(r"(#{1,6}) +(.*?) *#*$")
RULE = re.compile(r"([-*_])(?: *\1){2,} *$")
LIST_ITEM = re.compile(r"[-*+] +(.*)")
NUMBERED_ITEM = re.compile(r"\d{1,9}[.)] +(.*)")
QUOTE = re.compile(r"> ?(.*)")
TABLE_ROW = re.compile(r"\|.*\| *$")
TABLE_RULE = re.compile(r"\|(?: *:?-+:? *\|)+ *$")
FENCE = re.compile(r"```(\w*) *$")
STARTS = (FENCE, HEADING, RULE, LIST_ITEM, NUMBERED_ITEM, QUOTE)

# Only these addresses become links: `javascript:` and its kin stay text.
LINK = re.compile(r"\[([^\]]+)\]\(((?:https?://|mailto:|[#/])[^\s()]*)\)")
STRONG = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
EMPHASIS = re.compile(r"\*(?=\S)(.+?)(?<=\S)\*")


def inline(text: str) -> str:
    """Links, emphasis and code within a line."""
    # Every second piece stood between backticks; no other mark acts inside those.
    pieces = html.escape(text).split("`")
    if len(pieces) % 2 == 0:
        # A backtick without a partner is a plain character.
        pieces[-2:] = ["`".join(pieces[-2:])]
    for index, piece in enumerate(pieces):
        if index % 2:
            pieces[index] = f"<code>{piece}</code>"
            continue
        piece = LINK.sub(r'<a href="\2">\1</a>', piece)
        piece = STRONG.sub(r"<strong>\1</strong>", piece)
        pieces[index] = EMPHASIS.sub(r"<em>\1</em>", piece)
    return "".join(pieces)


def render(markdown: str) -> str:
    lines = markdown.splitlines()
    blocks = []
    while lines:
        blocks.append(take_block(lines))
    return "".join(f"{block}\n" for block in blocks if block)


def take_block(lines: list[str]) -> str:
    """Removes the first block from `lines` and renders it."""
    line = lines.pop(0)
    if not line.strip():
        return ""
    if match := FENCE.match(line):
        return code_block(match.group(1), lines)
    if match := HEADING.match(line):
        level = len(match.group(1))
        return f"<h{level}>{inline(match.group(2))}</h{level}>"
    if RULE.match(line):
        return "<hr>"
    if LIST_ITEM.match(line):
        return list_block("ul", LIST_ITEM, take_while(lines, line, LIST_ITEM.match))
    if NUMBERED_ITEM.match(line):
        return list_block("ol", NUMBERED_ITEM, take_while(lines, line, NUMBERED_ITEM.match))
    if QUOTE.match(line):
        quoted = take_while(lines, line, QUOTE.match)
        inner = "\n".join(QUOTE.match(line).group(1) for line in quoted)
        return f"<blockquote>\n{render(inner)}</blockquote>"
    if TABLE_ROW.match(line) and lines and TABLE_RULE.match(lines[0]):
        return table_block(take_while(lines, line, TABLE_ROW.match))
    paragraph = take_while(lines, line, lambda line: line.strip() and not starts_block(line))
    return f"<p>{inline(' '.join(map(str.strip, paragraph)))}</p>"


def starts_block(line: str) -> bool:
    return any(pattern.match(line) for pattern in STARTS)


def take_while(lines: list[str], first: str, belongs) -> list[str]:
    taken = [first]
    while lines and belongs(lines[0]):
        taken.append(lines.pop(0))
    return taken


def code_block(language: str, lines: list[str]) -> str:
    code = []
    # A fence that nobody closes runs to the end, as in CommonMark.
    while lines and (line := lines.pop(0)).rstrip() != "```":
        code.append(f"{html.escape(line)}\n")
    attribute = f' class="language-{language}"' if language else ""
    return f"<pre><code{attribute}>{''.join(code)}</code></pre>"


def list_block(tag: str, pattern: re.Pattern, lines: list[str]) -> str:
    items = "".join(f"<li>{inline(pattern.match(line).group(1))}</li>\n" for line in lines)
    return f"<{tag}>\n{items}</{tag}>"


def table_block(lines: list[str]) -> str:
    head, _, *body = lines
    rows = "".join(table_row(line, "td") for line in body)
    return f"<table>\n<thead>\n{table_row(head, 'th')}</thead>\n<tbody>\n{rows}</tbody>\n</table>"


def table_row(line: str, tag: str) -> str:
    cells = line.strip()[1:-1].split("|")
    return f"<tr>{''.join(f'<{tag}>{inline(cell.strip())}</{tag}>' for cell in cells)}</tr>\n"


if __name__ == "__main__":
    print(render(sys.stdin.read()), end="")
