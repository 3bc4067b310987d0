"""The shipped weights, and how they were made: ``python -m weights --help``.

``training`` makes them, ``validation`` calibrates and judges them; neither is part of the installed package.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
"""Where the shipped files lie."""
