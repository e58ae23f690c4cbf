"""papertrack: new and trending papers in the terminal, from one local library.

The command line starts at `papertrack.__main__.main`. The packages are layered, and each imports
only from layers below its own: `cli`, then `alerts`, then `tracker` (update and query the library),
then `sources`, `library`, `channels`, `exports` and `display`, then `config`, `matching`,
`searching` and `storage`. The modules beside this file are shared by all; `models` and `results`
have the data types. `tests/test_architecture.py` checks the layers.
"""

__version__ = "0.1.0"
