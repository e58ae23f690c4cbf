"""Docstrings of commands, which are their help, where Python leaves docstrings out (-OO)."""

import ast
import inspect
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import typer


def restore_docstrings(app: typer.Typer) -> None:
    """Read the docstrings of an app's commands from their source files, if these are readable."""
    for function in _functions(app):
        if function.__doc__ is None:
            function.__doc__ = _docstrings(inspect.getsourcefile(function)).get(function.__name__)


def _functions(app: typer.Typer) -> Iterator[Callable[..., Any]]:
    infos = [*app.registered_commands, *app.registered_groups, app.registered_callback]
    yield from (info.callback for info in infos if info and inspect.isfunction(info.callback))
    for group in app.registered_groups:
        if group.typer_instance:
            yield from _functions(group.typer_instance)


@cache
def _docstrings(path: str | None) -> dict[str, str | None]:
    """The docstring of each function of a source file; none if it cannot be read."""
    try:
        with open(path or "", encoding="utf-8") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError):
        return {}
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {function.name: ast.get_docstring(function) for function in functions}
