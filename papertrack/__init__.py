"""papertrack: new and trending papers in the terminal, from one local library."""

__version__ = "0.1.0"
