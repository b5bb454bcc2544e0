"""Reports, against numbers worked out by hand."""
