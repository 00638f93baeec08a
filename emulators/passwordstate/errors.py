"""The vault's error answers."""

import html
from collections.abc import Sequence

from aiohttp import web
from aiohttp.typedefs import Handler

API_PREFIX = "/api/"
ERROR_PAGE = "/error/generalerror.aspx"


class RefusalError(Exception):
    """The vault refuses a call; answered in its own shape."""

    def __init__(self, *, status: int, message: str, phrase: str) -> None:
        super().__init__(phrase)
        self.status = status
        self.message = message
        self.phrase = phrase


def denied(*, status: int) -> RefusalError:
    """
    Give the answer to a key that is wrong or may not make the call (notes, section 8: 403 or 401).

    The words are inferred.
    """
    message = "Unauthorized" if status == web.HTTPUnauthorized.status_code else "Forbidden"
    return RefusalError(status=status, message=message, phrase="The API Key is not valid for this call.")


def no_such_password(password_id: str) -> RefusalError:
    """Give the answer to an id that does not exist or that the key may not read: word for word the same."""
    phrase = f"No password with ID {password_id} exists, or the key may not read it."
    return RefusalError(status=404, message="Not Found", phrase=phrase)


def empty_list(list_id: str) -> RefusalError:
    """Give the error for a list without passwords; its status is inferred (notes, section 4)."""
    phrase = f"No Passwords found in the Password Lists for PasswordListID of '{list_id}'."
    return RefusalError(status=404, message="Not Found", phrase=phrase)


def not_found(phrase: str) -> RefusalError:
    """Give a 404 with its own words."""
    return RefusalError(status=404, message="Not Found", phrase=phrase)


def bad_request(phrase: str) -> RefusalError:
    """Give a 400 with its own words."""
    return RefusalError(status=400, message="Bad Request", phrase=phrase)


def answer(refusal: RefusalError, *, in_older_shape: bool) -> web.Response:
    """
    Give a refusal as an array of one object holding `errors`, message and phrase in objects of their own.

    :param in_older_shape: as older builds do, with the one key `error` instead.
    """
    pair: Sequence[dict[str, str]] = [{"message": refusal.message}, {"phrase": refusal.phrase}]
    body: object = [{"error": refusal.phrase}] if in_older_shape else [{"errors": pair}]
    return web.json_response(body, status=refusal.status)


def to_error_page(path: str) -> web.Response:
    """Give a server fault as ASP.NET shows it: 302 to an HTML page, with HTML already in the answer."""
    location = f"{ERROR_PAGE}?aspxerrorpath={path}"
    body = (
        "<html><head><title>Object moved</title></head><body><h2>Object moved to "
        f'<a href="{html.escape(location)}">here</a>.</h2></body></html>'
    )
    headers = {"Location": location}
    return web.Response(status=302, text=body, content_type="text/html", headers=headers)


async def error_page(_: web.Request) -> web.Response:
    """Give the page that a followed redirect ends at: HTML under 200, which is no answer at all."""
    body = "<html><head><title>Passwordstate</title></head><body><h1>An error has occurred</h1></body></html>"
    return web.Response(text=body, content_type="text/html")


async def integrated_api(_: web.Request) -> web.Response:
    """Answer the Windows Integrated API as IIS does to a caller without a domain account (inferred)."""
    body = "<html><head><title>401 - Unauthorized</title></head><body><h1>Server Error</h1></body></html>"
    response = web.Response(status=401, text=body, content_type="text/html")
    response.headers.add("WWW-Authenticate", "Negotiate")
    response.headers.add("WWW-Authenticate", "NTLM")
    return response


async def in_vault_shape(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Carry out a call and turn what the web framework refuses into the vault's own refusals."""
    try:
        return await handler(request)
    except web.HTTPMethodNotAllowed as error:
        raise RefusalError(
            status=405, message="Method Not Allowed", phrase=f"{request.method} is not emulated here."
        ) from error
    except web.HTTPNotFound as error:
        raise not_found("There is no such resource.") from error
