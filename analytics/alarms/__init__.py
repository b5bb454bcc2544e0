"""Days and shifts that are out of the ordinary, at a rate of false alarms that is stated and kept."""
