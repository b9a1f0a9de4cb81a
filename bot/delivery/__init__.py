"""Delivery: sends what is owed, never lost, never twice. The only caller of `Chat.send`.

It claims, tries once, and tells the store what became of it; the store decides what that means and
writes it down. The intent is durable before the request goes out, so that whatever stops this
process leaves an alert that is owed, posted, or in doubt. What is in doubt is looked for in its
channel and sent again only where a complete look found nothing; docs/reliability.md has the proof.
"""

from bot.delivery.service import Delivery, DeliveryOptions

__all__ = ["Delivery", "DeliveryOptions"]
