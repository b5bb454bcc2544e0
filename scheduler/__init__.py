"""What happens when: ticks, workers, one handler per kind of due row."""
