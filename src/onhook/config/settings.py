"""Django's settings. Values come from `env`; this module decides nothing about the machine it runs on."""

from pathlib import Path

from csp.constants import NONE, SELF

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
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "onhook.ui",
    "onhook.surfaces.web",
    "onhook.surfaces.portal",
    "onhook.surfaces.console",
    "onhook.surfaces.help",
    # After our own: where both have a template, ours is used.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "onhook.config",
    "onhook.tenancy",
    "onhook.audit",
    "onhook.devices",
    "onhook.billing",
    "onhook.operations",
    "onhook.assistant",
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

PASSWORD_HASHERS = ["onhook.tenancy.hashing.PasswordHasher"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "string_if_invalid": "",
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "onhook.surfaces.web.context.page",
            ],
        },
    }
]

# The web faces.
IS_PROTECTED = ENVIRONMENT == "production"
ALLOWED_HOSTS = env.words("ONHOOK_HOSTS", () if IS_PROTECTED else ("localhost", "127.0.0.1", "[::1]", "testserver"))
# The address that people use, for links in mail; empty: the address of the request.
WEB_URL = env.text("ONHOOK_WEB_URL")
CSRF_TRUSTED_ORIGINS = [WEB_URL] if WEB_URL else []
WSGI_APPLICATION = "onhook.config.wsgi.application"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "onhook.surfaces.web.sessions.SessionLimits",
    # Last, so that nothing but the view runs behind row security.
    "onhook.surfaces.web.walls.Walls",
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# Production is behind a proxy that ends TLS, says so in this header, and adds the address of the client to another.
SECURE_HSTS_SECONDS = 365 * 86400 if IS_PROTECTED else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_SSL_REDIRECT = IS_PROTECTED
SECURE_REDIRECT_EXEMPT = [r"^healthy/$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_PROTECTED else None
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if IS_PROTECTED else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_PROTECTED
SESSION_COOKIE_NAME = "__Host-session" if IS_PROTECTED else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_PROTECTED else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "onhook.surfaces.web.views.csrf_failed"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# How long a session lasts unused, and at the most, in seconds; and how fresh the proof for a confirmation must be.
SESSION_IDLE_SECONDS = env.integer("ONHOOK_SESSION_IDLE_SECONDS", 60 * 60, least=60)
SESSION_MOST_SECONDS = env.integer("ONHOOK_SESSION_MOST_SECONDS", 12 * 60 * 60, least=60)
SESSION_COOKIE_AGE = SESSION_MOST_SECONDS
FRESH_PROOF_SECONDS = env.integer("ONHOOK_FRESH_PROOF_SECONDS", 10 * 60, least=10)
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# The tone of a message by its level: Django's own words for the levels are no tones of ours.
MESSAGE_TAGS = {10: "idle", 20: "info", 25: "ok", 30: "warn", 40: "bad"}
CACHES = {
    "default": {
        # Shared by all workers: limits on tries count for all of them together.
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "web_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # Each process keeps its own: numbers that may be a minute old.
    "counts": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "counts"},
}
STATIC_URL = "static/"
STATIC_ROOT = env.text("ONHOOK_STATIC_ROOT") or None
# Outside production the files are served from where they are installed; `onhook web` collects them in production.
WHITENOISE_USE_FINDERS = not IS_PROTECTED
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_PROTECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

AUTHENTICATION_BACKENDS = ["onhook.surfaces.web.backend.LoginBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "onhook.surfaces.web.passwords.LengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "onhook.surfaces.web.passwords.ContextValidator"},
]
PASSWORD_RESET_TIMEOUT = 60 * 60
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "onhook.surfaces.web.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "onhook.surfaces.web.forms.SignInForm",
    "reset_password": "onhook.surfaces.web.forms.AskResetForm",
    "change_password": "onhook.surfaces.web.forms.OwnPasswordForm",
    "reset_password_from_key": "onhook.surfaces.web.forms.ChosenPasswordForm",
    "reauthenticate": "onhook.surfaces.web.forms.ProofForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_UNIQUE_EMAIL = False
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = FRESH_PROOF_SECONDS
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105  # a class
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "onhook"
MFA_TOTP_TOLERANCE = 1
MFA_ADAPTER = "onhook.surfaces.web.factors.FactorAdapter"

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

# Where credentials are: Passwordstate when its URL (ending in /api) is set, else the environment (development only).
PASSWORDSTATE_URL = env.text("ONHOOK_PASSWORDSTATE_URL")
PASSWORDSTATE_KEY = env.text("ONHOOK_PASSWORDSTATE_KEY")
PASSWORDSTATE_LIST = env.integer("ONHOOK_PASSWORDSTATE_LIST", 0)
# The CRM and the shop; without their URL they are not set up. A secret is named by its id or exact title.
SALESFORCE_URL = env.text("ONHOOK_SALESFORCE_URL")
SALESFORCE_SECRET = env.text("ONHOOK_SALESFORCE_SECRET", "salesforce")
SALESFORCE_COID_FIELD = env.text("ONHOOK_SALESFORCE_COID_FIELD")
SALESFORCE_LINK_FIELD = env.text("ONHOOK_SALESFORCE_LINK_FIELD")
SALESFORCE_API_VERSION = env.text("ONHOOK_SALESFORCE_API_VERSION", "68.0")
# Hosts beside *.my.salesforce.com that the org may send calls to, and its Lightning address where it is unusual.
SALESFORCE_INSTANCE_HOSTS = frozenset(env.words("ONHOOK_SALESFORCE_INSTANCE_HOSTS"))
SALESFORCE_LIGHTNING_URL = env.text("ONHOOK_SALESFORCE_LIGHTNING_URL")
TWOCHECKOUT_URL = env.text("ONHOOK_TWOCHECKOUT_URL")
TWOCHECKOUT_SHOP_URL = env.text("ONHOOK_TWOCHECKOUT_SHOP_URL", "https://secure.2checkout.com")
TWOCHECKOUT_SECRET = env.text("ONHOOK_TWOCHECKOUT_SECRET", "twocheckout")
TWOCHECKOUT_PRODUCTS = frozenset(filter(None, map(str.strip, env.text("ONHOOK_TWOCHECKOUT_PRODUCTS").split(","))))
# PEM file of a private certificate authority that is believed beside the system's.
CA_FILE = env.text("ONHOOK_CA_FILE")
# How long a run waits for a billing system that does not answer before it asks a person, in seconds.
VENDOR_PATIENCE_SECONDS = env.integer("ONHOOK_VENDOR_PATIENCE_SECONDS", 900, least=1)
# How long a plan waits for the billing systems before it says "not known yet", in seconds.
PREVIEW_SECONDS = env.integer("ONHOOK_PREVIEW_SECONDS", 3, least=1)
# Hosts that a link to the shop's upgrade page may lead to, separated by commas.
SHOP_HOSTS = frozenset(env.text("ONHOOK_SHOP_HOSTS", "secure.2checkout.com").lower().replace(",", " ").split())
# When a lower count takes effect at the shop, where the merchant knows it: it is said in the mail.
SHOP_LOWERING = env.choice("ONHOOK_SHOP_LOWERING", "unknown", allowed=("unknown", "now", "at_renewal"))

# Where the articles of the help centre are: beside the product in an installation, in the project otherwise.
_PACKAGED_HELP = Path(__file__).parents[1] / "help"
HELP_FOLDER = env.text(
    "ONHOOK_HELP_FOLDER", str(_PACKAGED_HELP if _PACKAGED_HELP.is_dir() else Path(__file__).parents[3] / "help")
)

# The model that sorts free text into branches, such as `openai:gpt-4o-mini`; needs onhook[model]. Empty: none.
ASSISTANT_MODEL = env.text("ONHOOK_ASSISTANT_MODEL")
# Its key, and its address where that is not the provider's; empty: what the provider's own library reads by itself.
ASSISTANT_KEY = env.text("ONHOOK_ASSISTANT_KEY")
ASSISTANT_URL = env.text("ONHOOK_ASSISTANT_URL")
# How long it may take in all, in seconds; then the offline understanding answers.
ASSISTANT_SECONDS = env.integer("ONHOOK_ASSISTANT_SECONDS", 5, least=1)

# Signs audit checkpoints that leave the system.
AUDIT_KEY = env.text("ONHOOK_AUDIT_KEY", SECRET_KEY)

SILENCED_SYSTEM_CHECKS = ["models.W042"]
