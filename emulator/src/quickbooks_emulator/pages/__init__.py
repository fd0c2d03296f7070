"""The emulator's HTML pages: templates, style sheet and rendering."""
