"""Publishers: how feeds are fetched, parsed and scheduled."""
