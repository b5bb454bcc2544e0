"""Tables that other tools export, read into typed rows with every fault named."""
