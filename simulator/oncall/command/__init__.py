"""Incident command: roles, approvals, rights to order, and when updates are due."""
