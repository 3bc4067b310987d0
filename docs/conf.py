"""How the documentation is built: ``sphinx-build docs docs/_build``; nothing in it needs a network."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from reference import write_reference  # noqa: E402  (found beside this file)

from inspector import __version__  # noqa: E402

project = "APOGEE inspector"
author = "The APOGEE inspector developers"
copyright = author  # noqa: A001  Sphinx asks for it under this name
release = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
exclude_patterns = ["_build", "_reference"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the numpydoc sections of the docstrings state the types
napoleon_numpy_docstring = True
napoleon_google_docstring = False
napoleon_use_rtype = False

nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True

html_theme = "furo"
html_title = "APOGEE inspector"
html_static_path = ["static"]
html_css_files = ["figures.css"]
html_copy_source = False
html_show_sphinx = False

write_reference(HERE / "_reference")
