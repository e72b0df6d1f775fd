"""Telling how far training is: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Progress:
    """`say` writes a line; `bar` draws a bar for long loops instead of five lines each."""

    say: Callable[[str], None]
    bar: bool = False

    def each(self, items: Sequence[T], what: str) -> Iterator[T]:
        """The items in order, while the loop's state is shown."""
        if self.bar:
            from tqdm import tqdm

            yield from tqdm(items, what, leave=False, dynamic_ncols=True)
            return
        fifth = max(1, len(items) // 5)
        for number, item in enumerate(items):
            if number and number % fifth == 0:
                self.say(f"{what}: {number} of {len(items)}")
            yield item


def on_terminal(say: Callable[[str], None]) -> Progress:
    """A bar where standard error is a terminal."""
    return Progress(say, sys.stderr.isatty())


QUIET = Progress(lambda _: None)
