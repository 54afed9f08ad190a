"""The writer's own words, as a page quotes them: verbatim, and in context."""

from __future__ import annotations

from flows.crisis.assessment import Assessment

WHOLE = 400
"""A message up to this many characters is quoted whole; of a longer one, the surroundings of what fired."""
AROUND = 120


def excerpt(text: str, assessment: Assessment) -> str:
    """What a page quotes of `text`. Nothing is put between words that the writer did not put there, but for an
    ellipsis where something was left out of a long message."""
    text = text.strip()
    if len(text) <= WHOLE:
        return text
    pieces: list[tuple[int, int]] = []
    for hit in sorted(assessment.hits, key=lambda h: h.start):
        first, last = max(0, hit.start - AROUND), min(len(text), hit.end + AROUND)
        if pieces and first <= pieces[-1][1]:
            pieces[-1] = (pieces[-1][0], max(last, pieces[-1][1]))
        elif len(pieces) < 3:
            pieces.append((first, last))
    if not pieces:
        return text[:WHOLE] + "…"
    return " … ".join(text[first:last].strip() for first, last in pieces)
