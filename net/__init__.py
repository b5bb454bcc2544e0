"""The guarded HTTP client: the only maker of httpx clients."""
