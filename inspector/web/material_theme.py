"""The colours and sizes of Material's parts, light and dark."""

from __future__ import annotations

from typing import Any

_LIGHT: dict[str, Any] = {
    "palette": {"primary": {"main": "#1f5f99"}, "default": {"main": "#5f6b76"}},
    "typography": {"fontSize": 13},
    "shape": {"borderRadius": 4},
}
_DARK: dict[str, Any] = {**_LIGHT, "palette": {"primary": {"main": "#6cb0ee"}, "default": {"main": "#9aa5b1"}}}

MATERIAL: dict[str, Any] = {"light": _LIGHT, "dark": _DARK}
