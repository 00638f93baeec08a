from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "onhook.config"
    label = "config"

    def ready(self) -> None:
        from onhook.config import checks  # noqa: F401, PLC0415  # registers the system checks
