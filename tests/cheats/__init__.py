"""Cheats: answers that read nothing, and what the judgement makes of them."""
