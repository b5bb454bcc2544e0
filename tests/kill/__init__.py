"""Workers that are killed at every step of publishing."""
