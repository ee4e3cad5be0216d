"""Work: what simulated people do about a page that they took."""
