"""What a run leaves: its folders, the content of metrics.json, the closing table, the card of its model."""
