"""The functions of PromQL by family; `builders` makes nodes of their calls."""
