"""What is told of files that cannot be used."""

import warnings
from typing import NamedTuple


class Damage(NamedTuple):
    """A table whose file cannot be used, why, and what serves in its place, if anything does."""

    path: str
    why: str
    served: str | None

    def __str__(self) -> str:
        return f"{self.path} {self.why}; {self.served or 'nothing'} serves in its place"


class DamageWarning(UserWarning):
    """What tells of Damage where no one asked to be told."""


def warn_of_damage(damage: Damage) -> None:
    """Tell of it as Python tells of what is no error."""
    warnings.warn(str(damage), DamageWarning, stacklevel=2)
