"""Errors as tests look at them."""

import pytest


def error_of(kind, call, *arguments, **named):
    with pytest.raises(kind) as caught:
        call(*arguments, **named)
    return caught.value


def told(error):
    return error.what, error.why, error.next_step
