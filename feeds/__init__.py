"""From a URL to entries; knows no database."""
