"""What a figure will be at the end of its period, with intervals that were checked against real histories."""
