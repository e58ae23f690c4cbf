"""The library: everything that papertrack stores, in a TinyDB whose tables are files.

`library.Library` reads it and stores the reader's marks and the coverage; `storing.store` merges
new sightings into it. `outbox` holds what alerts deliver; `search_index` and `match_cache` hold
data that can be derived again. `archive`, `verification` and `info` serve the `library` commands.
`table_names` lists the tables, `entry_rows` and `deliveries` define their rows.

It imports storage and the packages below; `tracker`, `alerts` and `cli` may import it.
"""
