"""Reports of files that cannot be used."""

import warnings
from typing import NamedTuple


class Damage(NamedTuple):
    """A table whose file cannot be used, why, and what is used instead, if anything."""

    path: str
    why: str
    fallback: str | None

    def __str__(self) -> str:
        outcome = f"using {self.fallback}" if self.fallback else "no usable copy exists"
        return f"{self.path} {self.why}; {outcome}"


class DamageWarning(UserWarning):
    """The warning for damage if no callback was passed to receive it."""


def warn_of_damage(damage: Damage) -> None:
    """Report damage as a Python warning."""
    warnings.warn(str(damage), DamageWarning, stacklevel=2)
