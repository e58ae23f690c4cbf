"""Helpers to examine raised errors."""

import pytest


def error_of(kind, call, *arguments, **named):
    """Return the error of this kind that a call raises."""
    with pytest.raises(kind) as caught:
        call(*arguments, **named)
    return caught.value


def texts_of(error):
    """Return what happened, why, and what to do, as a PapertrackError has them."""
    return error.what, error.why, error.next_step
