"""Start of the command line: `papertrack`, or `python -m papertrack`."""

import sys


def main() -> None:
    """Run the command line and end the process with its exit code."""
    from papertrack.cli.run import run

    run(sys.argv[1:])


if __name__ == "__main__":
    main()
