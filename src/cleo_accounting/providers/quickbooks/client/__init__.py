"""The wire to Intuit: bounded, paced and authorised calls; knows no record and no entity."""
