"""The parts windows are built of. Text from pages and documents is plain text, always."""
