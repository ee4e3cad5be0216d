"""The model: its features, predictions, labels, training and releases."""
