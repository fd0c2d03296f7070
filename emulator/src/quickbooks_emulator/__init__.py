"""An emulator of QuickBooks Online and Intuit's OAuth; it knows nothing of Cleo Pay."""
