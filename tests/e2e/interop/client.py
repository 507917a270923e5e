"""Lets python-tuf read a repository.

    python3 client.py HOME URL TIME < targets

HOME holds `root.json`, the root that is trusted, and from the first run on all that python-tuf keeps.
The metadata are refreshed as of TIME. Then each target that a line of the input names is looked for,
fetched, and printed with the SHA-256 of what came. After a `?` it is not fetched, and printed with the
SHA-256 that is listed. A target that nobody vouches for is `unknown`.
"""

import hashlib
import sys
from datetime import datetime
from pathlib import Path

from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.ngclient import Updater


def read(home: Path, url: str, now: datetime, wanted: list[str]) -> None:
    targets = home / "targets"
    targets.mkdir(exist_ok=True)
    updater = Updater(
        str(home), f"{url}/metadata/", str(targets), f"{url}/targets/", bootstrap=None
    )
    # The start of the update, with which every expiry is compared, is decided here.
    updater._trusted_set.reference_time = now
    updater.refresh()
    for line in wanted:
        name = line.removeprefix("?")
        info = updater.get_targetinfo(name)
        if info is None:
            print("unknown", name)
            continue
        if line != name:
            print(info.hashes["sha256"], name)
            continue
        path = updater.find_cached_target(info) or updater.download_target(info)
        print(hashlib.sha256(Path(path).read_bytes()).hexdigest(), name)


def main() -> None:
    home, url, time = sys.argv[1:]
    try:
        read(Path(home), url, datetime.fromisoformat(time), sys.stdin.read().split())
    except (RepositoryError, DownloadError) as error:
        sys.exit(f"refused: {type(error).__name__}: {error}")


main()
