"""Templates of readers: only files below their folder, in a sandbox that limits what they do."""

import os
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any

from jinja2 import (
    Environment,
    FileSystemLoader,
    Template,
    TemplateRuntimeError,
    nodes,
    pass_eval_context,
)
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, markup_join, str_join
from jinja2.sandbox import ImmutableSandboxedEnvironment

from papertrack.exports.template_limits import (
    CHARACTERS,
    STEPS_OF_CALL,
    STEPS_OF_INCLUDE,
    Budget,
    CountingTransformer,
    check_filter,
    check_method,
    check_operation,
    size_without_lists,
)

_MAX_SIZE = 2**20  # bytes


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment in which a rendering has a number of steps; see `template_limits`."""

    most_steps = 20_000_000  # some seconds; papers allow for more
    intercepted_binops = frozenset(("+", "*", "**", "%"))

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, finalize=self._printed)
        self._budget = Budget(self.most_steps)
        self._lengths: dict[str | None, int] = {}

    def begin(self, sections: Iterable[dict[str, Any]] = ()) -> None:
        """Begin to count the steps of a rendering of these sections."""
        self._budget = Budget(self.most_steps)
        for section in sections:
            section["papers"] = self._budget.papers(section["papers"])

    def limit_filters(self) -> None:
        """Count the steps of all filters that the environment has by now."""
        self.filters |= {name: self._limited(name, each) for name, each in self.filters.items()}

    def spend(self, steps: int) -> None:
        """Count steps. Raises TemplateRuntimeError if there are too many."""
        self._budget.spend(steps)

    def counted(self, values: Iterable[Any], steps: int = 1) -> Iterator[Any]:
        """The values, each of which counts as so many steps."""
        for value in values:
            self._budget.spend(steps)
            yield value

    @pass_eval_context
    def joined(self, context: EvalContext, *values: Any) -> str:
        """The text that `~` makes of values."""
        self._budget.spend_text(values)
        return (markup_join if context.autoescape else str_join)(values)

    def call(self, context: Context, function: Any, /, *args: Any, **options: Any) -> Any:
        """Call a function, method or macro; see SandboxedEnvironment."""
        self._budget.spend(STEPS_OF_CALL)
        if getattr(function, "__name__", "") == "join":
            args = tuple(map(self._readable_again, args))
        check_method(function, (*args, *options.values()))
        result = super().call(context, function, *args, **options)
        if isinstance(result, str):
            self._budget.spend_text(result)
        return result

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Return the result of an operator; see SandboxedEnvironment."""
        check_operation(operator, left, right)
        result = super().call_binop(context, operator, left, right)
        if not isinstance(result, int | float):
            self._budget.spend(size_without_lists(result) // CHARACTERS)
        return result

    def _limited(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        at = 1 if hasattr(function, "jinja_pass_arg") else 0

        @wraps(function)
        def limited(*args: Any, **options: Any) -> Any:
            before, value, after = args[:at], args[at], args[at + 1 :]
            if name == "join":
                value = self._readable_again(value)
            size = check_filter(name, value, (*after, *options.values()))
            self._budget.spend(STEPS_OF_CALL + size)
            result = function(*before, value, *after, **options)
            if isinstance(result, Iterator):
                return self.counted(result)
            self._budget.spend(size_without_lists(result))
            return result

        return limited

    def _readable_again(self, values: Any) -> Any:
        return list(self.counted(values)) if isinstance(values, Iterator) else values

    def _printed(self, value: Any) -> Any:
        if isinstance(value, str):  # in most cases, which this makes quicker
            self._budget.spend(len(value) // CHARACTERS)
        else:
            self._budget.spend_text(value)
        return value

    def _load_template(self, name: str, globals: Any) -> Template:  # noqa: A002  # its name in jinja2
        template = super()._load_template(name, globals)
        self._budget.spend(STEPS_OF_INCLUDE + self._lengths.get(template.name, 0))
        return template

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        self._lengths[name] = len(source)
        template: nodes.Template = CountingTransformer().visit(
            super()._parse(source, name, filename)
        )
        return template


class FolderLoader(FileSystemLoader):
    """Loads the template at `path` and templates below its folder, which may be a home folder.

    A link may not lead out of the folder, and files and folders whose names begin with a dot are
    not read, as programs keep their secrets there.
    """

    def __init__(self, path: str) -> None:
        folder, self._name = os.path.split(os.path.realpath(path))
        super().__init__(folder)
        self._folder = folder

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """Return the source of a template; see FileSystemLoader.

        Raises TemplateRuntimeError for a file that must not be read.
        """
        path = os.path.realpath(os.path.join(self._folder, template))
        if os.path.commonpath((self._folder, path)) != self._folder:
            raise TemplateRuntimeError(f"{template} is not below the folder of the template")
        name = os.path.relpath(path, self._folder)
        if name != self._name and any(part.startswith(".") for part in name.split(os.sep)):
            raise TemplateRuntimeError(f"{template} is hidden, so it is not included")
        if os.path.isfile(path) and os.path.getsize(path) > _MAX_SIZE:
            raise TemplateRuntimeError(f"{template} is larger than {_MAX_SIZE:,} bytes")
        return super().get_source(environment, template)
