"""Injected failures between an app and QuickBooks, by rule or by chance."""
