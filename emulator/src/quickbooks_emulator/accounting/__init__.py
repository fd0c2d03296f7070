"""The accounting API that apps call: the gateway, its limits, and the operations on the books."""
