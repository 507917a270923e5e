"""Summarises a web server's access log (combined format) on standard input, without addresses."""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from typing import Iterable

# Only the time, the request, the status and the size are read: no address, no user, no referrer.
ENTRY = re.compile(
    r'\S+ \S+ \S+ \[\d+/\w+/\d+:(?P<hour>\d\d):[^]]*\] '
    r'"(?P<method>[A-Z]+) (?P<path>[^ ?"]*)[^"]*" (?P<status>\d{3}) (?P<size>\d+|-)'
)


def summary(lines: Iterable[str], top: int) -> str:
    paths, statuses, hours = Counter(), Counter(), Counter()
    size = unreadable = 0
    for line in lines:
        entry = ENTRY.match(line)
        if entry is None:
            unreadable += 1
            continue
        paths[entry["path"]] += 1
        statuses[f"{entry['status'][0]}xx"] += 1
        hours[entry["hour"]] += 1
        # Servers write `-` when a response has no body.
        size += 0 if entry["size"] == "-" else int(entry["size"])

    blocks = [
        f"{sum(paths.values())} requests, {size} bytes, {unreadable} lines not understood",
        table("status", sorted(statuses.items())),
        table("path", paths.most_common(top)),
        table("hour", sorted(hours.items())),
    ]
    return "\n\n".join(blocks)


def table(title: str, rows: list[tuple[str, int]]) -> str:
    return "\n".join([title, *(f"{count:>8}  {name}" for name, count in rows)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--top", type=int, default=10, help="how many paths to show")
    options = parser.parse_args()
    print(summary(sys.stdin, options.top))


if __name__ == "__main__":
    main()
