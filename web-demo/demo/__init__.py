"""What ``./demo`` runs: the demonstration city on one machine, and its check without a person."""
