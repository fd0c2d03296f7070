"""Crashes at every boundary of every flow, tried systematically, and kills of real processes."""
