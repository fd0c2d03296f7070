"""Planted bugs: each must be caught by the oracle, or the oracle's silence would prove nothing."""
