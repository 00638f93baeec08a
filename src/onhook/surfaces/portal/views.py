from django.http import HttpResponse
from django.shortcuts import render

from onhook.surfaces.web.requests import WebRequest


def companies(request: WebRequest) -> HttpResponse:
    return render(request, "portal/companies.html")


def devices(request: WebRequest, coid: int) -> HttpResponse:
    return render(request, "portal/companies.html")
