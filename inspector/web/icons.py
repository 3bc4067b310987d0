"""Icons drawn here: where no server hands out Material's font, its icons would be the letters of their names."""

from __future__ import annotations


def _drawn(path: str, filled: bool = False) -> str:
    """24 × 24 pixels; the button gives the colour."""
    ink = 'fill="#000"' if filled else 'fill="none" stroke="#000" stroke-width="2"'
    size = 'width="24" height="24" viewBox="0 0 24 24"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><path {ink} d="{path}"/></svg>'


def _dot(x: float, y: float) -> str:
    return f"M{x - 1.5} {y}a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0 -3 0"


BACK = _drawn("M15 6l-6 6l6 6")
ON = _drawn("M9 6l6 6l-6 6")
STOP = _drawn("M6 6h12v12h-12z", filled=True)
GO_ON = _drawn("M8 5v14l11 -7z", filled=True)
DICE = _drawn("M5 5h14v14h-14z" + "".join(_dot(x, y) for x, y in ((9, 9), (15, 9), (12, 12), (9, 15), (15, 15))))
