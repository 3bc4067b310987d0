"""The page's panels: each joins the session's state and its figures."""

from inspector.app.views.elements import ElementPicker
from inspector.app.views.errors import ErrorsView
from inspector.app.views.flags import FlagsView
from inspector.app.views.header import HeaderView
from inspector.app.views.labels import LabelsView
from inspector.app.views.posterior import PosteriorView
from inspector.app.views.spectrum import SpectrumView
from inspector.app.views.visits import VisitsView

__all__ = [
    "ElementPicker",
    "ErrorsView",
    "FlagsView",
    "HeaderView",
    "LabelsView",
    "PosteriorView",
    "SpectrumView",
    "VisitsView",
]
