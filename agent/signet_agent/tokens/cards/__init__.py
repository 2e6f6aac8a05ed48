"""Cards the agent speaks to itself, one file for each kind: select, read, verify, sign."""
