"""Tests of the settings and the logs."""
