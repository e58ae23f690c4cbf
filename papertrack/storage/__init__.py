"""A TinyDB storage that keeps each table in a JSON file of its own and survives crashes.

    from tinydb import TinyDB
    from papertrack.storage.folder import FolderStorage

    db = TinyDB("library", storage=FolderStorage)       # a folder, created by the first write
    with db.storage.transaction():                      # all changes or none, one writer at a time
        db.table("papers").insert({"title": "…"})
        db.table("log").insert({"what": "added"})

`FolderStorage` is the entry point; its module documents the guarantees and their limits. Other
packages also use `files` and `lock` to replace files and exclude other processes. The package does
not depend on what tables contain; it imports only `errors` and `log`, and any package of a higher
layer may import it.

Why a folder of JSON tables and not one SQLite file: tables are text, one file a day, that git, sync
tools and people can read; a change is a small diff (a library can be kept in a repository); a
damaged file costs a day and not the library. Measured at 80,000 papers, reading one listing day
takes 1.2 ms from JSON and 1.4 ms from SQLite, and neither grows up to 300,000 papers. SQLite is
better at searching all papers, so `library.search_index` uses it for an index that may be deleted
at any time.
"""
