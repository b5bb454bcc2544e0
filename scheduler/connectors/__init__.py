"""Other analytics tools, read day by day: each is a figure of its own beside what Tabuh counts."""
