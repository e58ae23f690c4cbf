"""Loading templates of readers, and only files below their folder."""

import os
from collections.abc import Callable

from jinja2 import Environment, FileSystemLoader, TemplateRuntimeError

_MAX_SIZE = 2**20  # bytes


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
