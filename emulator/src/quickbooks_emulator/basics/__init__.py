"""What every other room builds on: time, chance, money, switches, requests and refusals."""
