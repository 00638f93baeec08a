"""Django's settings. Values come from `env`; this module decides nothing about the machine it runs on."""

from onhook.config import env
from onhook.config.postgres import connect_parameters

ENVIRONMENT = env.choice("ONHOOK_ENVIRONMENT", "development", allowed=("development", "test", "production"))
DEBUG = False
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-gb"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "tenancy.User"
ROOT_URLCONF = "onhook.config.urls"

# Outside production a fixed key is enough: it signs nothing that leaves the machine. `checks` refuses it in production.
DEVELOPMENT_KEY = "development-only-key-that-production-refuses"
SECRET_KEY = env.text("ONHOOK_SECRET_KEY", DEVELOPMENT_KEY)

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.postgres",
    "onhook.config",
    "onhook.tenancy",
    "onhook.audit",
    "onhook.devices",
    "onhook.billing",
    "onhook.operations",
]

DATABASE_URL = env.text("DATABASE_URL", "postgresql://onhook@/onhook")
try:
    _where = connect_parameters(DATABASE_URL)
except ValueError as error:
    raise env.UnusableSetting(f"DATABASE_URL cannot be used. {error}") from None
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _where["dbname"],
        "USER": _where.get("user", ""),
        "PASSWORD": _where.get("password", ""),
        "HOST": _where.get("host", ""),
        "PORT": _where.get("port", ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # What else the address says, such as sslmode, goes to the driver as it is.
        "OPTIONS": {
            "connect_timeout": 10,
            **{
                key: value for key, value in _where.items() if key not in ("host", "port", "user", "password", "dbname")
            },
        },
    }
}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"string_if_invalid": ""},
    }
]

# How long a plan may be confirmed after it was made, in seconds.
PLAN_LIFETIME_SECONDS = env.integer("ONHOOK_PLAN_LIFETIME_SECONDS", 30 * 60, least=1)
# Lines deleted in one transaction.
CHUNK_LINES = env.integer("ONHOOK_CHUNK_LINES", 500, least=1)
# How long the read-back may go unanswered before it counts as timed out, and how long one read may take.
VERIFY_WINDOW_SECONDS = env.integer("ONHOOK_VERIFY_WINDOW_SECONDS", 300, least=1)
VERIFY_READ_SECONDS = env.integer("ONHOOK_VERIFY_READ_SECONDS", 20, least=1)
# Tries of one step before its fault is handed to a person.
STEP_TRIES = env.integer("ONHOOK_STEP_TRIES", 5, least=1)
# Tries of a step whose other side does not answer, before a person is asked.
RETRY_TRIES = env.integer("ONHOOK_RETRY_TRIES", 30, least=1)
# Seconds that a worker may hold a run without a sign of life; longer than any step's total deadline.
LEASE_SECONDS = env.integer("ONHOOK_LEASE_SECONDS", 120, least=1)
# Seconds between two looks for work that nobody announced (sleeps that ended, runs of dead workers).
POLL_SECONDS = env.integer("ONHOOK_POLL_SECONDS", 1, least=1)
WORKER_THREADS = env.integer("ONHOOK_WORKER_THREADS", 4, least=1)

# smtp://[user[:password]@]host[:port] or smtp+starttls:// or smtps://; empty: mail is not set up.
MAIL_URL = env.text("ONHOOK_MAIL_URL")
MAIL_FROM = env.text("ONHOOK_MAIL_FROM", "onhook <no-reply@onhook.example>")
MAIL_DEADLINE_SECONDS = env.integer("ONHOOK_MAIL_DEADLINE_SECONDS", 30, least=1)

# Signs audit checkpoints that leave the system.
AUDIT_KEY = env.text("ONHOOK_AUDIT_KEY", SECRET_KEY)

SILENCED_SYSTEM_CHECKS = ["models.W042"]
