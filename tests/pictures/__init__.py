"""Pictures of our cards as Slack, Discord and a terminal show them: `make pictures`.

The pages are drawn from the very messages that the adapters make, so that a picture cannot show
what the product does not do. They load nothing, link nowhere and run nothing.
"""
