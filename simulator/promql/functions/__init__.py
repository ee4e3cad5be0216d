"""The functions of PromQL, in small families; `builders` makes nodes of their calls."""
