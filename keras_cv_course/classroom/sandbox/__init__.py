"""The sandbox in which somebody else's code runs: walls, limits, a filter of system calls, a watchdog."""
