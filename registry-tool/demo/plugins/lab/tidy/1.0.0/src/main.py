"""Finds files that nobody changed for a long time; removes them only with `--remove`."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

SECONDS_PER_DAY = 86_400


def stale_files(folder: Path, days: float, now: float) -> list[Path]:
    """The old files directly in `folder`: subfolders are somebody's order and stay untouched."""
    limit = now - days * SECONDS_PER_DAY
    files = (path for path in folder.iterdir() if path.is_file() and not path.is_symlink())
    return sorted(path for path in files if path.stat().st_mtime < limit)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path.home() / "Downloads")
    parser.add_argument("--days", type=float, default=90)
    parser.add_argument("--remove", action="store_true", help="really remove the files")
    options = parser.parse_args()

    stale = stale_files(options.folder, options.days, time.time())
    for path in stale:
        print(path.name)
        if options.remove:
            path.unlink()
    verb = "removed" if options.remove else "would be removed"
    print(f"{len(stale)} files older than {options.days:g} days {verb}")


if __name__ == "__main__":
    main()
