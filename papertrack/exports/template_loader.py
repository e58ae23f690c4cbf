"""Templates of readers: only files below their folder, in a sandbox, with loops that end."""

import os
from collections.abc import Callable

from jinja2 import Environment, FileSystemLoader, TemplateRuntimeError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

_MAX_SIZE = 2**20  # bytes
_STEP = "papertrack_step"


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment that counts the rounds of all loops: loops within loops would never end."""

    most_steps = 20_000_000  # some seconds; 100,000 papers with ten authors each need a tenth
    steps = 0

    def begin(self) -> None:
        """Begin to count, before a rendering."""
        self.steps = 0
        self.globals[_STEP] = self._step

    def _step(self) -> str:
        self.steps += 1
        if self.steps > self.most_steps:
            raise TemplateRuntimeError(f"its loops have more than {self.most_steps:,} rounds")
        return ""

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        for loop in template.find_all(nodes.For):
            step = nodes.Call(nodes.Name(_STEP, "load"), [], [], None, None)
            loop.body.insert(0, nodes.ExprStmt(step).set_lineno(loop.lineno))
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
