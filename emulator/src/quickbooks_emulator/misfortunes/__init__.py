"""What goes wrong on the way between an app and QuickBooks, by rule or by chance."""
