"""The survey's data releases, and what each published."""

REDUCTIONS = {"dr10": "r3", "dr12": "r5", "dr13": "r6", "dr14": "r8", "dr16": "r12", "dr17": "dr17", "dr19": "1.3"}
"""The APOGEE reduction (apred) of each release."""
