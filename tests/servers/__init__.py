"""Real servers that the tests start themselves, all on loopback."""
