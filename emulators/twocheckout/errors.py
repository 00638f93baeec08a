"""The error answers of REST 6.0: `{"error_code": ..., "message": ...}`."""

from aiohttp import web
from aiohttp.typedefs import Handler

REST_PREFIX = "/rest/6.0/"


class ApiError(Exception):
    """A call that 2Checkout would refuse; `status`, `code` and message are what it answers."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def bad_request(code: str, message: str) -> ApiError:
    """Give a refusal of the call's content."""
    return ApiError(400, code, message)


def not_found(message: str) -> ApiError:
    """Give the answer for something that is not there; the code's spelling is a guess (DIFFERENCES.md)."""
    return ApiError(404, "NOT_FOUND", message)


def not_emulated(what: str) -> ApiError:
    """Give the answer for a real call this emulator does not have, unlike any answer of the vendor."""
    return ApiError(501, "NOT_EMULATED", f"The emulator has no {what}. See its COVERAGE.md.")


def unauthenticated() -> ApiError:
    """Give the one answer to every kind of wrong credentials."""
    return ApiError(401, "AUTHENTICATION_ERROR", "Authentication needed for this resource")


def answer(error: ApiError) -> web.Response:
    """Give an error in the vendor's shape."""
    return web.json_response({"error_code": error.code, "message": str(error)}, status=error.status)


@web.middleware
async def shaping(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give every error under the REST path in the vendor's shape."""
    if not request.path.startswith(REST_PREFIX):
        return await handler(request)
    try:
        return await handler(request)
    except ApiError as error:
        return answer(error)
    except web.HTTPNotFound:
        return answer(not_found("There is no such resource."))
    except web.HTTPMethodNotAllowed as error:
        return answer(ApiError(error.status, "METHOD_NOT_ALLOWED", f"No {error.method} here."))
