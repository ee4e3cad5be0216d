"""Traffic: who asks and when."""
