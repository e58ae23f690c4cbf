"""The command line. Only this room ends the process, and only it knows typer."""
