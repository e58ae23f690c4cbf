"""Rendering of templates that readers write."""

import os
from collections.abc import Iterator
from traceback import extract_tb
from typing import TYPE_CHECKING

from papertrack.errors import PapertrackError, UsageError
from papertrack.exports.templating import environment, render
from papertrack.models import Report
from papertrack.text import clean, shorten

if TYPE_CHECKING:
    from jinja2 import Template

_HELP = "papers have the keys of `papertrack list -f json`; see `papertrack export --help`"


def render_template_file(path: str, report: Report) -> Iterator[str]:
    """Render a report with the template in a file, which may include templates of its folder.

    Raises UsageError with file and line for an error in any of them.
    """
    real_path = os.path.realpath(path)
    template, folder = _load(path, real_path), os.path.dirname(real_path)
    try:
        yield from render(template, report)
    except PapertrackError:  # raised while reading the papers, not by the template
        raise
    except Exception as error:
        location = _error_location(error, folder)
        if location is None:
            raise
        raise _template_error(location, error) from error


def _load(path: str, real_path: str) -> "Template":
    from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError

    try:
        return environment(real_path).get_template(os.path.basename(real_path))
    except RecursionError as error:
        why = "its blocks or brackets are nested too deeply"
        raise UsageError(f"cannot read the template {path}", why) from error
    except TemplateSyntaxError as error:
        raise _template_error(f"{error.filename or path}, line {error.lineno}", error) from error
    except (TemplateError, OSError, ValueError) as error:
        why = "no such file" if isinstance(error, TemplateNotFound) else str(error)
        raise UsageError(f"cannot read the template {path}", why) from error


def _error_location(error: Exception, folder: str) -> str | None:
    """The innermost line of a template of this folder in the traceback."""
    from jinja2 import TemplateSyntaxError

    if isinstance(error, TemplateSyntaxError):  # in an included template
        return f"{error.filename or error.name}, line {error.lineno}"
    frames = extract_tb(error.__traceback__)
    lines = [frame for frame in frames if os.path.dirname(frame.filename) == folder]
    return f"{lines[-1].filename}, line {lines[-1].lineno}" if lines else None


def _template_error(location: str, error: Exception) -> UsageError:
    message = shorten(clean(str(error) or type(error).__name__), 200)
    return UsageError(f"error in the template {location}", message, _HELP)
