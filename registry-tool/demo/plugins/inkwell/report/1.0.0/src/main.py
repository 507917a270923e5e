"""Turns Markdown into a page of its own: styled by a theme, with figures about the text."""

from __future__ import annotations

import argparse
import html
import importlib.util
import json
import os
import sys
from pathlib import Path
from string import Template

# Plugin folders are checked against their digests: no `__pycache__` may appear in them.
sys.dont_write_bytecode = True

PAGE = Template("""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>$title</title>
<style>
body { background: $background; color: $foreground; font: 1.1em/1.6 serif; margin: 3em auto; max-width: 40em }
a, h1 { color: $accent }
</style>
$content<footer>$words words, $sentences sentences, reading ease $ease</footer>
</html>
""")


def plugin_path(plugin: str, file: str) -> Path:
    return Path(os.environ["LIBRAL_PLUGINS"], plugin, file)


def load(plugin: str, file: str):
    """Imports a file of another installed plugin."""
    path = plugin_path(plugin, file)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load_themes() -> dict:
    path = plugin_path("inkwell/themes", "src/themes.json")
    return json.loads(path.read_text(encoding="utf-8"))


def report(markdown: str, title: str, theme: dict) -> str:
    stats = load("lab/text-stats", "src/main.py").stats(markdown)
    ease = stats["reading_ease"]
    return PAGE.substitute(
        theme,
        title=html.escape(title),
        content=load("inkwell/markdown", "src/main.py").render(markdown),
        words=stats["words"],
        sentences=stats["sentences"],
        ease="unknown" if ease is None else ease,
    )


def main() -> None:
    themes = load_themes()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--title", default="Report")
    parser.add_argument("--theme", choices=themes, default="paper")
    options = parser.parse_args()
    print(report(sys.stdin.read(), options.title, themes[options.theme]), end="")


if __name__ == "__main__":
    main()
