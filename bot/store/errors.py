"""What can go wrong in the store. No message holds a value, only names of tables, constraints and states (P3)."""


class StoreError(Exception):
    """The store could not do it."""


class Conflict(StoreError):
    """A constraint refused the write: somebody was quicker, or what it refers to does not exist."""


class Again(StoreError):
    """A job found that somebody was quicker and asks to be run anew, in a fresh transaction (bounded)."""


class Busy(StoreError):
    """Another process held the database, or its rows, for too long."""


class QueueFull(StoreError):
    """More work waits than the store can hold: nothing was taken. A channel answers "not received"."""


class Closed(StoreError):
    """The store is closing or closed."""


class Unavailable(StoreError):
    """The database is out of reach, read-only, damaged or full. Nothing of the job is stored."""


NOT_NOW = (Busy, Closed, QueueFull, Unavailable)
"""The store's own trouble, which passes: what was to be stored is not at fault, and comes again."""
