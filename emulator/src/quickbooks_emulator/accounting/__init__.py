"""The accounting API that apps call: the gateway, its limits, and the answers of the books."""
