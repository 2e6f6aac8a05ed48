"""What a person sees: the consent window, the status window and the tray; they decide nothing."""
