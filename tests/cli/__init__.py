"""Tests of the `tabuh` command."""
