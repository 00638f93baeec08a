"""The org's error answers: an array of problems for REST, an OAuth object for signing in."""

from collections.abc import Mapping, Sequence

from aiohttp import web


class RefusalError(Exception):
    """REST refuses a call; answered as an array of one problem."""

    def __init__(self, *, status: int, code: str, message: str, fields: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = list(fields)

    def answer(self) -> web.Response:
        """Give the refusal as the org sends it; `fields` only where there are any."""
        problem: dict[str, object] = {"message": self.message, "errorCode": self.code}
        if self.fields:
            problem["fields"] = self.fields
        return web.json_response([problem], status=self.status)


class SignInError(Exception):
    """Signing in is refused; always 400, and the description may be missing (notes, section 1)."""

    def __init__(self, code: str, description: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.description = description

    def answer(self) -> web.Response:
        """Give the refusal as the token endpoint sends it."""
        body: Mapping[str, str] = {"error": self.code}
        if self.description:
            body = {**body, "error_description": self.description}
        return web.json_response(body, status=400)


def session_refused() -> RefusalError:
    """Give the one answer to every session that is not accepted."""
    return RefusalError(status=401, code="INVALID_SESSION_ID", message="Session expired or invalid")


# The messages of limits are inferred; clients tell them apart by the word ConcurrentRequests (notes, section 8).
_LIMITS = {
    "daily": "TotalRequests Limit exceeded.",
    "concurrent": "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
}


def limit_exceeded(kind: str) -> RefusalError:
    """Give the answer past a limit, `daily` or `concurrent`: 403, and no Retry-After."""
    return RefusalError(status=403, code="REQUEST_LIMIT_EXCEEDED", message=_LIMITS[kind])


def not_found(message: str = "The requested resource does not exist") -> RefusalError:
    """Give a 404 for a path or a record."""
    return RefusalError(status=404, code="NOT_FOUND", message=message)


def retired() -> RefusalError:
    """Give the answer of a version that was switched off; its code is inferred."""
    message = "This API version is retired."
    return RefusalError(status=410, code="UNSUPPORTED_API_VERSION", message=message)


def bad_request(code: str, message: str, fields: Sequence[str] = ()) -> RefusalError:
    """Give a 400."""
    return RefusalError(status=400, code=code, message=message, fields=fields)
