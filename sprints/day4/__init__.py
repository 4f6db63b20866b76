"""Day 4: two networks that learn by beating each other make pictures."""
