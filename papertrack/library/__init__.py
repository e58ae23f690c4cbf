"""The library: everything stored, as one TinyDB whose tables are files."""
