"""The functions of PromQL, in small families; `build` makes the node of a call."""
