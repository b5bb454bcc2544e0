"""What developers and CI run on this checkout; not part of the product."""
