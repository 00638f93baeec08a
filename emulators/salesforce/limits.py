"""What the org tells about its request limits."""

from emulators.salesforce.state import State

HEADER = "Sforce-Limit-Info"
# What the variants of the header show beside the usage; their numbers mean nothing here.
BURSTS, PER_APP = "api-bursts=1/750", "per-app-api-usage=17/250(appName=onhook)"


def usage(state: State) -> str:
    """Give the header's text; the switches add the parts some orgs show."""
    parts = [f"api-usage={state.requests_used}/{state.settings.daily_requests}"]
    parts += [BURSTS] if state.settings.shows_bursts else []
    parts += [PER_APP] if state.settings.shows_per_app_usage else []
    return "; ".join(parts)


def described(state: State) -> dict[str, object]:
    """Give what the limits call answers."""
    most = state.settings.daily_requests
    return {"DailyApiRequests": {"Max": most, "Remaining": max(0, most - state.requests_used)}}
