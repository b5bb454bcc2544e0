"""Reports: from what was measured in a period to figures, sentences and proposals."""
