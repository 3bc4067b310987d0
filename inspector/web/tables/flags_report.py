"""Flags in full: the rule, this star's numbers in it, the distance to the threshold, what it means, what to do next.

Every number and sentence about a rule comes from `inspector.science.flag_rules`, `inspector.science.flags` and
`inspector.science.bitmask`.
"""

from __future__ import annotations

from html import escape

import numpy as np

from inspector.pipeline.result import Result
from inspector.science.bitmask import STAR_BITS, Bit, set_bits
from inspector.science.flag_rules import BAD_RULE, WARN_RULE
from inspector.science.flags import Check, FlagCheck, FlagReport
from inspector.science.settings import MC_NUM
from inspector.science.star import Star
from inspector.web.static_files import static_text

STYLE = static_text("flags.css")

REACH = 2.0
"""Number over threshold at the bar's right end."""


def flags_html(result: Result) -> str:
    """All flags of a result, those that are set first, then those that other draws might set."""
    report = result.flags
    reason = f'<p class="faint">{escape(result.reason)}</p>' if result.reason else ""
    remark = f'<p class="remark">{escape(result.remark)}</p>' if result.remark else ""
    ordered = sorted(report.checks, key=lambda check: (not check.is_set, not check.undecided))
    more = report.next_mc_num(result.mc_num)
    hint = f'<p class="faint">{more} draws are expected to tell more about what is undecided.</p>' if more else ""
    flags = "".join(flag_html(check, result.mc_num) for check in ordered)
    return summary_html(report) + hint + remark + reason + flags


def summary_html(report: FlagReport) -> str:
    """flag_warn and flag_bad, with what sets them."""
    by = ", ".join(check.flag.title for check in report.checks if check.is_set)
    warn = _chip("flag_warn", f"set by {by}" if report.warn else "", report.warn_undecided, WARN_RULE)
    return warn + _chip("flag_bad", "set" if report.bad else "", report.bad_undecided, BAD_RULE)


def flag_html(check: FlagCheck, mc_num: int) -> str:
    """One flag."""
    flag = check.flag
    bars = "".join(condition_html(one) for one in check.checks)
    state = "set" if check.is_set else "not set"
    doubt = f' <span class="doubt">{escape(undecided_text(mc_num))}</span>' if check.undecided else ""
    rule = f'<p class="rule">Set when {escape(flag.rule)}.</p>'
    said = f"<p>{escape(flag.meaning)}</p><p><i>Next:</i> {escape(flag.advice)}</p>"
    if not check.is_set:
        said = f"<details><summary>what it would mean</summary>{said}</details>"
    return (
        f'<section class="{"set" if check.is_set else ""}" title="{escape(flag.name)}, bit {flag.bit}">'
        f'<h3>{escape(flag.title)} <span class="state">{state}</span>{doubt}</h3>{rule}{bars}{said}</section>'
    )


def undecided_text(mc_num: int) -> str:
    """What is said of a flag that other draws might turn."""
    if mc_num < MC_NUM.high:
        return f"undecided at {mc_num} draws: draw more"
    return f"undecided at {mc_num} draws, the maximum: it lies on the threshold"


def condition_html(check: Check) -> str:
    """One comparison: this star's number, and a bar with the threshold marked on it."""
    filled = 100 * bar_length(check.margin)
    kind = "bar over" if check.exceeded else "bar"
    return (
        f"<p>{escape(check.text)} <span class='faint'>({escape(check.margin_text)})</span></p>"
        f'<div class="{kind}"><span style="width:{filled:.1f}%"></span><b style="left:{100 / REACH:.1f}%"></b></div>'
    )


def bar_length(margin: float) -> float:
    """Share of the bar filled: half at the threshold, all of it from `REACH` on or where there is no number."""
    return 1.0 if np.isnan(margin) else float(min(margin / REACH, 1.0))


def starflag_html(star: Star, spectrum_name: str) -> str:
    """The STARFLAG bits of the star, and of the inspected spectrum where the file has them."""
    parts = [_bits("STARFLAG of the star", star.info.starflag)]
    inspected = next((s for s in star.spectra if s.name == spectrum_name), star.coadd)
    if inspected.observation.flags is not None:
        parts.append(_bits(f"STARFLAG of {inspected.name}", inspected.observation.flags))
    return "".join(parts)


def _bits(title: str, value: int | None) -> str:
    if value is None:
        return f'<section><h3>{escape(title)}</h3><p class="faint">The file does not say.</p></section>'
    bits = set_bits(value, STAR_BITS)
    known = sum(1 << bit.bit for bit in bits)
    rows = "".join(_bit(bit) for bit in bits) or '<p class="faint">No bit is set.</p>'
    if int(value) & ~known:
        rows += f'<p class="faint">Bits without a name: {int(value) & ~known}</p>'
    bad = any(bit.bad for bit in bits)
    return (
        f'<section class="{"set" if bad else ""}"><h3>{escape(title)} <span class="faint">{int(value)}</span></h3>'
        f"{rows}</section>"
    )


def _bit(bit: Bit) -> str:
    verdict = " The survey calls it bad." if bit.bad else ""
    return f"<p><b>{escape(bit.name)}</b> (bit {bit.bit}): {escape(bit.description + verdict)}</p>"


def _chip(name: str, said: str, undecided: bool, rule: str) -> str:
    state = (said or "not set") + (" (undecided)" if undecided else "")
    chip = f'<span class="chip {"set" if said else ""}">{name}: {escape(state)}</span>'
    return f'<p class="two">{chip}<span class="faint">set when {escape(rule)}</span></p>'
