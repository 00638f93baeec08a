"""Signing in: the token endpoint with client credentials and JWT bearer, and who the token is for."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from aiohttp import web

from emulators.control.emulator import entry_of
from emulators.salesforce import assertions
from emulators.salesforce.clients import Client
from emulators.salesforce.errors import SignInError
from emulators.salesforce.state import State

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105  # a path
USER_INFO_PATH = "/services/oauth2/userinfo"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# Client credentials are only answered on an org's own host (notes, section 1).
SHARED_HOSTS = ("login.", "test.")


def routes(state: State) -> list[web.AbstractRouteDef]:
    """Give the OAuth routes."""
    signing_in = _SigningIn(state)
    return [
        web.post(TOKEN_PATH + "{slash:/?}", signing_in.token),
        web.get(USER_INFO_PATH + "{slash:/?}", signing_in.user_info),
        web.post(USER_INFO_PATH + "{slash:/?}", signing_in.user_info),
    ]


def session_token(request: web.Request) -> str:
    """Give the access token a call carries; empty when it carries none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def address_of(request: web.Request, state: State) -> str:
    """Give where clients are told to call: the org's own setting, else where this call came to."""
    return state.settings.instance_url or f"{request.scheme}://{request.host}"


class _SigningIn:
    def __init__(self, state: State) -> None:
        self._state = state

    async def token(self, request: web.Request) -> web.Response:
        """Sign a client in and give it an access token; there is no refresh token and no lifetime in it."""
        form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        entry = entry_of(request)
        try:
            client = self._accepted(request, form)
        except SignInError as error:
            entry.authenticated(passed=False)
            return error.answer()
        entry.authenticated(passed=True)
        entry.effect("signed_in", user_id=self._state.org.user_id)
        return web.json_response(self._session(request, client))

    async def user_info(self, request: web.Request) -> web.Response:
        """Say whom a token is for; a refused one is answered in plain text (inferred)."""
        state = self._state
        passed = not state.settings.refuses_sessions and state.sessions.use(
            session_token(request), now=state.clock.now(), seconds=state.settings.session_seconds
        )
        entry_of(request).authenticated(passed)
        if not passed:
            return web.Response(status=403, text="Bad_OAuth_Token", content_type="text/html")
        org, address = state.org, address_of(request, state)
        return web.json_response(
            {
                "sub": _identity(state),
                "user_id": org.user_id,
                "organization_id": org.organization_id,
                "preferred_username": org.username,
                "name": "Integration User",
                "email": org.username,
                "active": True,
                "user_type": "STANDARD",
                "urls": {"rest": f"{address}/services/data/v{{version}}/"},
            }
        )

    def _accepted(self, request: web.Request, form: Mapping[str, str]) -> Client:
        if self._state.settings.sign_in_error:
            raise SignInError(self._state.settings.sign_in_error)
        grant = form.get("grant_type", "")
        if grant == "client_credentials":
            return self._by_secret(request, form)
        if grant == JWT_BEARER:
            return self._by_assertion(request, form.get("assertion", ""))
        if grant == "password":
            # Off by default in orgs since Summer '23, and not for external client apps at all.
            raise SignInError("invalid_grant", "authentication failure")
        raise SignInError("unsupported_grant_type", "grant type not supported")

    def _by_secret(self, request: web.Request, form: Mapping[str, str]) -> Client:
        if request.host.lower().startswith(SHARED_HOSTS):
            raise SignInError("invalid_grant", "request not supported on this domain")
        key, secret = _credentials(request, form)
        client = self._client(key)
        if not hmac.compare_digest(secret.encode(), client.consumer_secret.encode()):
            raise SignInError("invalid_client", "invalid client credentials")
        if not self._state.settings.has_run_as_user:
            raise SignInError("invalid_grant", "no client credentials user enabled")
        return client

    def _by_assertion(self, request: web.Request, assertion: str) -> Client:
        claims = assertions.claims_of(assertion)
        client = self._client(str(claims.get("iss", "")))
        assertions.check_signature(assertion, client.public_key)
        assertions.check_claims(
            claims,
            username=self._state.org.username,
            audience=address_of(request, self._state),
            now=self._state.clock.now(),
        )
        return client

    def _client(self, consumer_key: str) -> Client:
        client = self._state.clients.get(consumer_key)
        if client is None:
            raise SignInError("invalid_client_id", "client identifier invalid")
        return client

    def _session(self, request: web.Request, client: Client) -> Mapping[str, str]:
        state, now = self._state, self._state.clock.now()
        issued_at = str(int(now.timestamp() * 1000))
        identity = _identity(state)
        signed = hmac.new(client.consumer_secret.encode(), (identity + issued_at).encode(), hashlib.sha256)
        token = state.sessions.begin(
            organization_id=state.org.organization_id, now=now, seconds=state.settings.session_seconds
        )
        return {
            "access_token": token,
            "signature": base64.b64encode(signed.digest()).decode(),
            "scope": "api",
            "instance_url": address_of(request, state),
            "id": identity,
            "token_type": "Bearer",
            "issued_at": issued_at,
        }


def _identity(state: State) -> str:
    return f"https://login.salesforce.com/id/{state.org.organization_id}/{state.org.user_id}"


def _credentials(request: web.Request, form: Mapping[str, str]) -> tuple[str, str]:
    """
    Give client id and secret: of the Basic header if there is one, else of the body.

    RFC 6749, section 2.3.1 would have them form-encoded in the header; the clients known do not (section 1).
    """
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        key, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise SignInError("invalid_client", "invalid client credentials") from error
    return key, secret
