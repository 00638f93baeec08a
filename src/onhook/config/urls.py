"""The web addresses of both faces. What may be called by whom is in the `access` module of each surface."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("onhook.surfaces.web.urls")),
    path("", include("onhook.surfaces.portal.urls")),
    path("help/", include("onhook.surfaces.help.urls")),
    path("csu/", include("onhook.surfaces.console.urls")),
]

handler400 = "onhook.surfaces.web.views.bad_request"
handler403 = "onhook.surfaces.web.views.forbidden"
handler404 = "onhook.surfaces.web.views.not_found"
handler500 = "onhook.surfaces.web.views.fault"
