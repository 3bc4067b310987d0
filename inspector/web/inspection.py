"""One person's look at some stars, wherever it is shown: what is chosen, what is asked, what is opened."""

from __future__ import annotations

from inspector.service.services import Services
from inspector.web.live_network import Live
from inspector.web.page_tasks import Later, PageTasks
from inspector.web.star_opening import StarOpening
from inspector.web.state import InspectorState


class Inspection:
    """A state, and what keeps it up to date.

    Parameters
    ----------
    services : Services
    state : InspectorState
    later : callable
        Runs a function in the view's thread soon; called from any thread (``document.add_next_tick_callback``).
    """

    def __init__(self, services: Services, state: InspectorState, later: Later) -> None:
        self.services, self.state = services, state
        self.tasks = PageTasks(state, later)
        self.guarded, self.explain = self.tasks.guarded, self.tasks.explain
        self.live = Live(state, services.inference, self.tasks)
        self.opening = StarOpening(state, services, self.tasks)

    def close(self) -> None:
        """Stop what runs, and let go."""
        self.tasks.close()
        self.live.close()
        self.opening.close()
