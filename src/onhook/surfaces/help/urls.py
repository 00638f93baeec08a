"""The help centre's addresses, all under /help/."""

from django.urls import path

from onhook.surfaces.help import views

app_name = "help"

urlpatterns = [
    path("", views.index, name="index"),
    path("feed.xml", views.feed, name="feed"),
    path("articles.json", views.as_json, name="articles"),
    path("<slug:slug>/", views.article, name="article"),
    path("<slug:slug>/steps/", views.steps, name="steps"),
]
