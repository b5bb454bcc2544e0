"""Tests against real servers of other people, installed by the run itself."""
