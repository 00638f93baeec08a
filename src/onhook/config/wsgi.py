"""The web application as a server loads it: `granian --interface wsgi onhook.config.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onhook.config.settings")
application = get_wsgi_application()
