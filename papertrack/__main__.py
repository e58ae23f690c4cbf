"""Entry point of `papertrack` and `python -m papertrack`."""

import sys

from papertrack.cli.interrupts import end_at_interrupt


def main() -> None:
    """Run the command line and exit the process with its exit code."""
    end_at_interrupt()
    from papertrack.cli.run import run

    run(sys.argv[1:])


if __name__ == "__main__":
    main()
