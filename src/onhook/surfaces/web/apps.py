from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "onhook.surfaces.web"
    label = "web"

    def ready(self) -> None:
        from onhook.surfaces.web import records  # noqa: F401, PLC0415  # listens to the sign-in's signals
