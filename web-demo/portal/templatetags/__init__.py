"""The pages' own template tags."""
