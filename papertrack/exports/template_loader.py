"""Templates of readers: only files below their folder, in a sandbox, with loops that end."""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from jinja2 import Environment, FileSystemLoader, TemplateRuntimeError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

_MAX_SIZE = 2**20  # bytes
_COUNTED = "papertrack_counted"


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment that counts the rounds of all loops: loops within loops would never end."""

    most_rounds = 20_000_000  # some seconds; 100,000 papers with ten authors each need 5 %
    _rounds = 0

    def begin(self) -> None:
        """Begin to count, before a rendering."""
        self._rounds = 0
        self.globals[_COUNTED] = self._counted

    def _counted(self, values: Iterable[Any]) -> Iterator[Any]:
        for value in values:
            self._rounds += 1
            if self._rounds > self.most_rounds:
                raise TemplateRuntimeError(f"its loops have more than {self.most_rounds:,} rounds")
            yield value

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        for loop in template.find_all(nodes.For):
            counted = nodes.Name(_COUNTED, "load")
            loop.iter = nodes.Call(counted, [loop.iter], [], None, None).set_lineno(loop.lineno)
        return template


class FolderLoader(FileSystemLoader):
    """Loads templates of a folder and of those below it; a link may not lead out of it."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self._folder = os.path.realpath(folder)

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """Return the source of a template; see FileSystemLoader.

        Raises TemplateRuntimeError for a file that must not be read.
        """
        path = os.path.realpath(os.path.join(self._folder, template))
        if os.path.commonpath((self._folder, path)) != self._folder:
            raise TemplateRuntimeError(f"{template} is not below the folder of the template")
        if os.path.isfile(path) and os.path.getsize(path) > _MAX_SIZE:
            raise TemplateRuntimeError(f"{template} is larger than {_MAX_SIZE:,} bytes")
        return super().get_source(environment, template)
