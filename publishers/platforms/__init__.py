"""One file per platform; adapters do not know each other."""
