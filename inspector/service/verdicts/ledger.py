"""What a store holds, remembered: only what came since is read again, and what it comes to is worked out once."""

from __future__ import annotations

from functools import cached_property

from inspector.service.verdicts.event import Event
from inspector.service.verdicts.history import Key, Review, Standing, reviews, standings
from inspector.service.verdicts.store import Extent, Store


class Ledger:
    """The events of a store and what they come to; one thread uses it.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._extent = Extent()
        self._state = State({})

    def state(self) -> State:
        """What the store holds now; raises `StoreError`."""
        extent = self._store.extent()
        if extent != self._extent:
            self._state, self._extent = State(self._read(extent)), extent
        return self._state

    def _read(self, extent: Extent) -> dict[str, Event]:
        known = self._state.events
        if self._extent.last_id in known and extent.count > len(known):
            known = known | {event.id: event for event in self._store.events(after=self._extent.last)}
            if len(known) >= extent.count:
                return known
        # another database, or a transaction that began early ended late and lies among what was read before
        return {event.id: event for event in self._store.events()}


class State:
    """Events, by id, and what they come to."""

    def __init__(self, events: dict[str, Event]) -> None:
        self.events = events

    @cached_property
    def standings(self) -> dict[Key, Standing]:
        """Each reviewer's standing on each subject."""
        return standings(self.events.values())

    @cached_property
    def reviews(self) -> dict[str, Review]:
        """What all reviewers say of each subject that has a verdict, by its key."""
        return reviews(self.events.values())
