"""A storage for TinyDB that keeps each table in a file of its own and loses nothing.

    from tinydb import TinyDB
    from papertrack.storage.folder import FolderStorage

    db = TinyDB("library", storage=FolderStorage)       # a folder, made when something is written
    with db.storage.transaction():                      # all of it or nothing, one writer at a time
        db.table("papers").insert({"title": "…"})
        db.table("log").insert({"what": "added"})

Reading loads a table's file when it is touched, and writing replaces only the files of the tables
that changed: cost follows what is used and not what is stored. So put what is read together into
one table, and what is not into others.

What it promises, to programs of any number on one machine:

- A transaction happens whole or not at all, also when the process is killed, the disk is full, a
  write fails or the power goes; and once `transaction()` has ended it has happened and stays.
  Another part of a transaction than what was changed is never touched.
- Transactions come one after the other: `transaction()` waits for its turn (LibraryBusy after
  `timeout` seconds), and the turn of a process that dies is free at once. What is read in one is
  what is stored, whatever was read before.
- Reading waits for nobody, changes no file, and works where nothing can be written. Each table is
  read as one transaction left it; two tables, read one after the other, may be of two.
- A file that is damaged is never written over. Its last version serves, and whoever asked to be
  told is; the next transaction puts a whole file in its place and keeps the damaged one under a
  name with `.damaged-` and the moment. A file that cannot be read is an error, and never taken for
  an empty table.
- Each file says which schema it is of. Older ones are migrated as they are read, and kept as `.v1`
  … once they are written; newer ones are refused and not touched.
- Files are for their owner alone (0600 in a folder 0700). Modes that were changed are kept, and so
  are links in the place of a table's file or of the folder; a link planted where a new file is
  written is not followed.

What stands in the folder: `NAME.json`, the table; `NAME.json.bak`, its last version; `.journal/`,
the last transactions; `.lock`, which is locked while someone writes and says nothing by being
there. Names of tables that no file can have are written with `%`, as in URLs.

What it rests on, and where that ends:

- A rename replaces a file in one step, as POSIX asks and as all local file systems do. fsync
  reaches the disk: not on disks that lie about it, and on macOS as far as the drive's cache.
- The lock is flock. Over NFS it holds between machines since NFS 4 and Linux 2.6.12; over SMB it
  depends on the mount. Where there is none, filelock falls back to a lock file and says so.
- A folder that is synchronised (Dropbox, Syncthing, iCloud) is safe for one machine at a time. Two
  that write at once make two versions of a file, of which the synchronising program keeps one
  under another name: such a file is no table and stays where it is.
- Without hard links (FAT, some network mounts) last versions are copies.
- Whatever TinyDB does by itself reads first and takes its turn then: where another program was
  quicker, LibraryBusy is raised and nothing written. Within `transaction()` that cannot be.
- TinyDB numbers rows by what it has seen itself. Where several processes insert into one table give
  rows ids of their own, as `papertrack.library.database` does, or open TinyDB anew for each
  transaction; and ask for tables without a cache of queries (`db.table(name, cache_size=0)`).
- A table is read and written whole, in memory. It should have thousands of rows, not millions.
"""
