"""Reviews a unified diff or a source file: finds lines that a reader would stop at."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Iterator, NamedTuple


class Rule(NamedTuple):
    name: str
    level: str
    pattern: re.Pattern
    message: str


RULES = [
    Rule("merge-marker", "error", re.compile(r"(<{7}|>{7}) "), "a merge conflict is left over"),
    Rule(
        "hard-coded-secret",
        "error",
        re.compile(r"(?i)\b\w*(?:password|secret|token|api_?key)\w*\s*[:=]\s*[\"'][^\"'\s]{6,}[\"']"),
        "a secret in the source: read it from the environment",
    ),
    Rule("code-from-text", "warning", re.compile(r"(?<![.\w])eval\("), "runs text as code"),
    Rule("bare-except", "warning", re.compile(r"\s*except\s*:"), "hides every error, even interrupts"),
    Rule(
        "mutable-default",
        "warning",
        re.compile(r"\s*def \w+\(.*=\s*(?:\[\]|\{\})"),
        "a default that all calls share",
    ),
    Rule("compare-none", "note", re.compile(r".*[!=]= None\b"), "compare with `is` or `is not`"),
    Rule("debug-output", "note", re.compile(r"\s*(?:console\.log|debugger\b|breakpoint)"), "debugging is left over"),
    Rule("open-end", "note", re.compile(r".*\b(?:TODO|FIXME|XXX)\b(?!\()"), "say who does it: `TODO(name)`"),
    Rule("trailing-space", "note", re.compile(r".*[ \t]$"), "white space at the end of the line"),
    Rule("long-line", "note", re.compile(r".{121}"), "longer than 120 characters"),
]

# These may stand anywhere in a line; the other patterns fix where they begin.
ANYWHERE = {"hard-coded-secret", "code-from-text"}


class Line(NamedTuple):
    file: str
    number: int
    text: str


class Finding(NamedTuple):
    file: str
    line: int
    level: str
    rule: str
    message: str


HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)")


def added_lines(diff: str) -> Iterator[Line]:
    """The lines that a diff adds, numbered as in the new file."""
    file, number = "?", 0
    for text in diff.splitlines():
        if text.startswith("+++ "):
            file = text[4:].split("\t")[0]
            # Git puts `b/` before the new path.
            file = file[2:] if file.startswith("b/") else file
        elif match := HUNK.match(text):
            number = int(match.group(1))
        elif text.startswith("+"):
            yield Line(file, number, text[1:])
            number += 1
        elif not text.startswith(("-", "\\")):
            number += 1


def lines_of(text: str, name: str) -> list[Line]:
    if text.startswith(("diff ", "--- ")):
        return list(added_lines(text))
    return [Line(name, number, line) for number, line in enumerate(text.splitlines(), 1)]


def review(lines: list[Line]) -> list[Finding]:
    findings = []
    for file, number, text in lines:
        for rule in RULES:
            matches = rule.pattern.search if rule.name in ANYWHERE else rule.pattern.match
            if matches(text):
                findings.append(Finding(file, number, rule.level, rule.name, rule.message))
    return findings


def text_of(file: Path | None) -> str:
    return file.read_text(encoding="utf-8") if file else sys.stdin.read()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, help="default: standard input")
    options = parser.parse_args()

    text = text_of(options.file)
    findings = review(lines_of(text, str(options.file or "stdin")))
    for finding in findings:
        print(f"{finding.file}:{finding.line}: {finding.level}: {finding.message} ({finding.rule})")
    print(f"{len(findings)} findings")


if __name__ == "__main__":
    main()
