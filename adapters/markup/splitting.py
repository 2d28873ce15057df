"""Where a long text is cut: between paragraphs, lines, sentences or words, the best that serves.

A unit that fits a part is not cut in favour of a fuller part. Spans that fit a part are not cut at all, grapheme
clusters only if one alone is longer than a part.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, islice, takewhile
from math import inf

import regex

from adapters.markup.spans import Marked, Span, clip, cluster_borders, first_visible, is_blank

_BORDERS = (
    regex.compile(r"(?P<gap>\n(?:[^\S\n]*\n)+)"),
    regex.compile(r"(?P<gap>\n)"),
    regex.compile(
        r"""(?<![.!?…])[.!?…]+["'”’)\]»]*(?P<gap>\s+)|[。！？…]+["'”’」』）)\]》]*(?P<gap>\s*)""",
    ),
    regex.compile(r"(?P<gap>\s+)|[\p{Han}\p{Hiragana}\p{Katakana}，、；：](?![\p{Po}\p{Pe}\p{Pf}])(?P<gap>)"),
)
"""Paragraphs, lines, sentences, words: a unit ends with a gap, in which a cut is as good as behind it."""

_LOOK_AHEAD = 100
"""How far behind the last place for a cut its surroundings may matter."""


def split(
    marked: Marked, widths: Sequence[int], overhead: Callable[[Span], int], limit: int
) -> Iterator[tuple[int, int, list[Span]]]:
    """Start, end and spans (clipped) of the parts, which follow each other but for those that are blank.

    `widths` are those of the characters, `overhead` what a span's marks add to each part in which it is shown; a part
    is at most `limit` wide. A character with the marks of all spans around it must fit a part.
    """
    cuts = _Cuts(marked, widths, overhead, limit)
    start = 0
    while start < len(marked.text):
        end, spans = cuts.after(start)
        if not is_blank(marked.text[start:end]):
            yield start, end, clip(marked.text, spans, start, end)
        start = end


class _Cuts:
    def __init__(self, marked: Marked, widths: Sequence[int], overhead: Callable[[Span], int], limit: int) -> None:
        self._text = marked.text
        self._spans = marked.spans
        self._overhead = overhead
        self._limit = limit
        added = list(widths)
        for span in marked.spans:
            added[span.start] += overhead(span)
        self._width_before = list(accumulate(added, initial=0))
        self._open: list[Span] = []
        self._next_span = 0
        if self._width_before[-1] > limit:
            self._allowed = self._allowed_places()

    def after(self, start: int) -> tuple[int, list[Span]]:
        """The end of the part that begins at `start`, and the spans that it shows; calls come in order."""
        end = self._end(start, self._furthest(start))
        inside = takewhile(lambda span: span.start < end, islice(self._spans, self._next_span, None))
        return end, [*self._open, *inside]

    def _end(self, start: int, furthest: int) -> int:
        if furthest == len(self._text):
            return furthest
        visible = first_visible(self._text, start, furthest)
        for border in _BORDERS:
            end = self._last_border(border, visible, furthest)
            if end and (end - start > (furthest - start) // 2 or self._next_unit_fits(border, end, furthest)):
                return end
        return next((place for place in range(furthest, start, -1) if self._allowed[place]), furthest)

    def _allowed_places(self) -> bytearray:
        allowed = cluster_borders(self._text)
        for span, around in _with_overhead(self._spans, self._overhead):
            if self._width_before[span.end] - self._width_before[span.start] + around <= self._limit:
                allowed[span.start + 1 : span.end] = bytes(span.end - span.start - 1)
        return allowed

    def _furthest(self, start: int) -> int:
        """The last place that a part from `start` on can reach."""
        while self._next_span < len(self._spans) and self._spans[self._next_span].start < start:
            self._open.append(self._spans[self._next_span])
            self._next_span += 1
        self._open = [span for span in self._open if span.end > start]
        return self._reach(start, sum(map(self._overhead, self._open)))

    def _reach(self, start: int, around: int) -> int:
        return bisect_right(self._width_before, self._width_before[start] + self._limit - around) - 1

    def _last_border(self, border: regex.Pattern[str], start: int, furthest: int) -> int | None:
        return max(self._places(border, start, furthest), default=None)

    def _next_unit_fits(self, border: regex.Pattern[str], start: int, furthest: int) -> bool:
        """Whether the unit behind a cut at `start`, which reaches beyond `furthest`, fits a part of its own."""
        around = sum(self._overhead(span) for span in self._open if span.end > start)
        reach = self._reach(start, around)
        return reach == len(self._text) or any(self._places(border, furthest, reach))

    def _places(self, border: regex.Pattern[str], start: int, end: int) -> Iterator[int]:
        """Where the text may be cut behind `start`, at `end` at the latest, each as far into its gap as can be."""
        for found in border.finditer(self._text, start, min(end + _LOOK_AHEAD, len(self._text))):
            place = min(found.end(), end)
            if place > start and place >= found.start("gap") and self._allowed[place]:
                yield place


def affordable(spans: Sequence[Span], overhead: Callable[[Span], int], limit: int) -> tuple[Span, ...]:
    """Leaves out spans whose marks, with those around them, would take more than half of a part."""
    return tuple(span for span, _ in _with_overhead(spans, overhead, limit // 2))


def _with_overhead(
    spans: Sequence[Span], overhead: Callable[[Span], int], most: float = inf
) -> Iterator[tuple[Span, int]]:
    """The spans whose overhead is at most `most` in all, each with the overhead of those that contain it."""
    around: list[tuple[Span, int]] = []
    for span in spans:
        while around and around[-1][0].end <= span.start:
            around.pop()
        outer = around[-1][1] if around else 0
        if outer + overhead(span) <= most:
            yield span, outer
            around.append((span, outer + overhead(span)))
