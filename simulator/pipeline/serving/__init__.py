"""Serving: requests queue for slots of replicas, are scored, and leave."""
