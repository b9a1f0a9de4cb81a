"""The service: feeds, rules, stories, alerts and delivery. It knows no chat platform."""
