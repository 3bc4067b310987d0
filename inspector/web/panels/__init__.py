"""The page's panels: each joins the session's state and its figures."""

from inspector.web.panels.elements import ElementPicker
from inspector.web.panels.errors import ErrorsView
from inspector.web.panels.flags import FlagsView
from inspector.web.panels.header import HeaderView
from inspector.web.panels.labels import LabelsView
from inspector.web.panels.posterior import PosteriorView
from inspector.web.panels.spectrum import SpectrumView
from inspector.web.panels.table_answer import TableAnswerView
from inspector.web.panels.visits import VisitsView

__all__ = [
    "ElementPicker",
    "ErrorsView",
    "FlagsView",
    "HeaderView",
    "LabelsView",
    "PosteriorView",
    "SpectrumView",
    "TableAnswerView",
    "VisitsView",
]
