"""The cluster: pods on nodes, their resources, and how they are replaced."""
