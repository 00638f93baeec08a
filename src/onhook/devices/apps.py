from django.apps import AppConfig


class DevicesConfig(AppConfig):
    name = "onhook.devices"
    label = "devices"
