"""What an hour of the week is worth to a channel: learned from its posts, with how sure that is."""
