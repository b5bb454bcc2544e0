"""Why a KPI stands where it stands: what its change is made of, its trend, and its own past."""
