"""The `tabuh` command: the composition root."""
