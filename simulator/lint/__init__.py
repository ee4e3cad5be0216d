"""Warnings of `drill check`: valid files with parts that can do nothing in one scenario."""
