"""Charts: each takes the table of a measure and draws it."""
