"""How the words of a search are told from options."""

import re
from typing import Any

from typer.core import TyperCommand

from papertrack.display import FORMATS

# One dash and more than a letter; -fjson is the option it always was.
_LEFT_OUT = re.compile(rf"-(?!f=?(?:{'|'.join(FORMATS)})$)[^-].+", re.DOTALL)


class SearchCommand(TyperCommand):
    """Takes -word for a word to leave out, where other commands would look for options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As typer does, with what is to be left out behind the other arguments."""
        end = args.index("--") if "--" in args else len(args)
        options, words = args[:end], args[end + 1 :]
        left_out = [one for one in options if _LEFT_OUT.fullmatch(one)]
        rest = [one for one in options if one not in left_out]
        return super().parse_args(ctx, [*rest, "--", *words, *left_out])
