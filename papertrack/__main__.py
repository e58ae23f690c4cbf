"""Entry point of `papertrack` and `python -m papertrack`."""

import sys

from papertrack.interrupts import end_at_interrupt

# Not only in `main`: the script that an older pip writes compiles an expression before it calls it.
end_at_interrupt()


def main() -> None:
    """Run the command line and exit the process with its exit code."""
    from papertrack.cli.run import run

    run(sys.argv[1:])


if __name__ == "__main__":
    main()
