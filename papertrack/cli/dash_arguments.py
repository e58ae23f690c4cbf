"""Commands whose arguments may begin with a dash: words and filters that exclude papers."""

import re
from typing import Any

from typer.core import TyperCommand

from papertrack.display import FORMATS

# A dash and at least two characters. -fjson and the like remain the option --format.
_EXCLUDED = re.compile(rf"-(?!f=?(?:{'|'.join(FORMATS)})$)[^-].+", re.DOTALL)


class SearchCommand(TyperCommand):
    """A command that treats -word as a word to exclude, not as options."""

    excluded = _EXCLUDED

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse arguments as typer does, with the excluded words moved after `--`."""
        end = args.index("--") if "--" in args else len(args)
        options, words = args[:end], args[end + 1 :]
        excluded = [argument for argument in options if self.excluded.fullmatch(argument)]
        options = [argument for argument in options if argument not in excluded]
        return super().parse_args(ctx, [*options, "--", *words, *excluded])


class FilterCommand(SearchCommand):
    """A command that treats -venue:ICML as a filter to exclude, not as options."""

    excluded = re.compile(r"-[a-zA-Z_]{2,}:.+", re.DOTALL)
