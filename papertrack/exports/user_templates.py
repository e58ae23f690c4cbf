"""Templates that readers write."""

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


def from_template(path: str, report: Report) -> Iterator[str]:
    """What the template in a file makes of a report; it may use others beside it. Raises UsageError
    with file and line for what is wrong in one of them.
    """
    folder, name = os.path.split(os.path.realpath(path))
    template = _read(path, folder, name)
    try:
        yield from render(template, report)
    except PapertrackError:  # of reading the papers
        raise
    except Exception as error:
        where = _where(error, folder)
        if where is None:
            raise
        raise _wrong(where, error) from error


def _read(path: str, folder: str, name: str) -> "Template":
    from jinja2 import TemplateNotFound, TemplateSyntaxError

    try:
        return environment(folder).get_template(name)
    except TemplateSyntaxError as error:
        raise _wrong(f"{error.filename or path}, line {error.lineno}", error) from error
    except (TemplateNotFound, OSError, UnicodeDecodeError) as error:
        why = "there is no such file" if isinstance(error, TemplateNotFound) else str(error)
        raise UsageError(f"cannot read the template {path}", why) from error


def _where(error: Exception, folder: str) -> str | None:
    """The last line of a template of this folder in which something went wrong."""
    from jinja2 import TemplateSyntaxError

    if isinstance(error, TemplateSyntaxError):  # of one that this one uses
        return f"{error.filename or error.name}, line {error.lineno}"
    frames = extract_tb(error.__traceback__)
    lines = [one for one in frames if os.path.dirname(one.filename) == folder]
    return f"{lines[-1].filename}, line {lines[-1].lineno}" if lines else None


def _wrong(where: str, error: Exception) -> UsageError:
    said = shorten(clean(str(error) or type(error).__name__), 200)
    return UsageError(f"the template is wrong in {where}", said, _HELP)
