"""The command line: parses arguments, runs commands and prints results.

Entry point: `run.run`, called by `papertrack.__main__.main`. It sends a plain `today` line to
`fast_path` and every other line to the typer commands in `app.COMMANDS`, whose modules are
imported when called. A command starts with `session.start` and prints through `Session.show`
(stdout) and `exit_handling.print_message` (stderr). This is the only package that exits the process
or imports typer. Only `papertrack.__main__` may import it.
"""
