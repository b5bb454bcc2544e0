"""Reports on screen and on paper: one layout, and the files that are made of it."""
