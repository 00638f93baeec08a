"""The hosted page behind an upgrade link, as plain as can be: one count, one button."""

from html import escape

from aiohttp import web

from emulators.twocheckout.subscriptions import Subscription

PATH = "/order/upgrade.php"
POLICY = "default-src 'none'; form-action 'self'; base-uri 'none'"


def offer(subscription: Subscription, *, problem: str | None = None) -> web.Response:
    """Give the page on which a shopper changes the count."""
    product, user = subscription.product, subscription.end_user
    warning = f"<p role='alert'>{escape(problem)}</p>" if problem else ""
    whose = ", ".join(filter(None, (subscription.reference, str(user["Company"]))))
    return _page(
        "Upgrade your subscription",
        f"{warning}<p>Subscription {escape(whose)}</p>"
        f"<p>{escape(str(product['ProductName'] or product['ProductCode']))}</p>"
        f"<form method='post'>"
        f"<label for='quantity'>Quantity</label>"
        f"<input id='quantity' name='QTY' type='number' min='1' required value='{subscription.quantity}'>"
        f"<button type='submit'>Place order</button></form>",
        status=200 if problem is None else 400,
    )


def placed(subscription: Subscription, *, quantity: int, is_scheduled: bool) -> web.Response:
    """Give the page after the order: what is paid for from when."""
    since = "from your next renewal on" if is_scheduled else "now"
    reference = escape(subscription.reference)
    words = f"<p>Subscription {reference} has the quantity {quantity} {since}.</p>"
    return _page("Thank you for your order", words)


def nothing_to_offer() -> web.Response:
    """Give the page of a product whose upgrade was never set up in the Control Panel."""
    return _page("Upgrade your subscription", "<p>There is no upgrade for this product.</p>")


def unknown() -> web.Response:
    """Give the page of a link that names no subscription."""
    return _page("Upgrade your subscription", "<p>This subscription was not found.</p>", status=404)


def _page(title: str, body: str, *, status: int = 200) -> web.Response:
    return web.Response(
        status=status,
        text=f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>{title}</title></head>"
        f"<body><h1>{title}</h1>{body}</body></html>",
        content_type="text/html",
        headers={"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"},
    )
