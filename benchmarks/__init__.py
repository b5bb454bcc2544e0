"""One file per figure that we claim."""
