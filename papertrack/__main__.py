"""Entry point of `papertrack` and `python -m papertrack`."""

import sys


def main() -> None:
    """Run the command line and exit the process with its exit code."""
    from papertrack.cli.run import run

    run(sys.argv[1:])


if __name__ == "__main__":
    main()
