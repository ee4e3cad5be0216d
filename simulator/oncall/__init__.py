"""People: who is on call, how a page reaches them, what they do about it and what they may order.

Orders of players acknowledge for the team that they play; all other people are simulated, and
work only when they are paged.
"""
