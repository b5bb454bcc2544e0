"""From content to a remote post; knows no database."""
