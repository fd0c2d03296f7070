"""Planted bugs: the oracle must catch each of them, or its silence would prove nothing."""
