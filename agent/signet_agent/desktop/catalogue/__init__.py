"""Every sentence of windows and tray, one file per language, the same ids in each."""
