"""A small agent without a model: it reads requests, picks a tool for each, and shows its plan."""

from __future__ import annotations

import importlib.util
import json
import operator
import os
import re
import sys
from fractions import Fraction
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


class Calculator:
    """Evaluates `1 + 2 * (3 - 4)` exactly, by recursive descent: nothing of it runs as code."""

    SUMS = {"+": operator.add, "-": operator.sub}
    PRODUCTS = {"*": operator.mul, "/": operator.truediv}

    def __init__(self, expression: str) -> None:
        self.tokens = re.findall(r"\d+(?:\.\d+)?|\S", expression)

    def result(self) -> Fraction:
        value = self.sum()
        if self.tokens:
            raise ValueError(f"`{self.tokens[0]}` is not expected here")
        return value

    def sum(self) -> Fraction:
        return self.chain(self.SUMS, self.product)

    def product(self) -> Fraction:
        try:
            return self.chain(self.PRODUCTS, self.atom)
        except ZeroDivisionError:
            raise ValueError("division by zero") from None

    def chain(self, operators, operand) -> Fraction:
        value = operand()
        while self.tokens and self.tokens[0] in operators:
            combine = operators[self.tokens.pop(0)]
            value = combine(value, operand())
        return value

    def atom(self) -> Fraction:
        if not self.tokens:
            raise ValueError("the expression ends too early")
        token = self.tokens.pop(0)
        if token == "-":
            return -self.atom()
        if token != "(":
            return Fraction(token)
        value = self.sum()
        if not self.tokens or self.tokens.pop(0) != ")":
            raise ValueError("a closing parenthesis is missing")
        return value


def calculate(expression: str) -> str:
    value = Calculator(expression).result()
    return str(value) if value.denominator == 1 else f"{float(value):.6g}"


def translate(text: str, target: str) -> str:
    translator = load("harbor/translate", "src/main.py")
    phrasebook = translator.load_phrasebook()
    names = {"english": "en", "german": "de", "french": "fr", "spanish": "es"}
    language = names[target.lower()]
    if language not in phrasebook["languages"]:
        raise ValueError(f"the installed phrasebook has no {target}")
    return translator.translate(text, "en", language, phrasebook)


def count_words(text: str) -> str:
    return str(len(load("lab/text-kit", "src/text_kit.py").words(text)))


TOOLS = [
    ("calculator", re.compile(r"(?:calculate|what is) ([-\d(].*?)\??$", re.I), calculate),
    ("translator", re.compile(r"translate (.+) to (english|german|french|spanish)$", re.I), translate),
    ("word counter", re.compile(r"count the words of (.+)$", re.I), count_words),
]


def answer(request: str) -> dict:
    for name, pattern, tool in TOOLS:
        match = pattern.match(request)
        if match is None:
            continue
        try:
            return {"request": request, "tool": name, "answer": tool(*match.groups())}
        except ValueError as error:
            return {"request": request, "tool": name, "error": str(error)}
    return {"request": request, "error": "no tool fits"}


def main() -> None:
    for line in sys.stdin:
        if line.strip():
            print(json.dumps(answer(line.strip()), ensure_ascii=False))


if __name__ == "__main__":
    main()
