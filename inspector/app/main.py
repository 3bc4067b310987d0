"""The page for ``panel serve inspector/app/main.py --args [FILE… FOLDER…]``."""

import sys

import panel as pn

from inspector.app.entry import new_page
from inspector.app.serve import make_commons

if "inspector" not in pn.state.cache:  # once a process; this file is run again for each session
    pn.state.cache["inspector"] = make_commons(sys.argv[1:], local=False)

new_page(pn.state.cache["inspector"]).servable()
