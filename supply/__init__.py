"""Supply-chain checks: known vulnerabilities, bills of materials, secrets, reproducible wheels."""
