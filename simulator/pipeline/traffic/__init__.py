"""Traffic: customers, and the arrivals of their requests."""
