from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "onhook.ui"
    label = "ui"
