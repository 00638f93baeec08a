from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "onhook.surfaces.portal"
    label = "portal"
