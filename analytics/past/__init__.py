"""Past posts with their engagement, read from files that platforms and other tools export."""
