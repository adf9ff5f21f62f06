"""Every setting, read from the environment; the product refuses to start unsafely outside development.

Development (the demo, the tests, a developer's laptop) is `DEVELOPMENT=1`, or no SECRET_KEY at all: then a
private key is made and kept under `var/`, and only loopback names are served.
"""

import secrets
import sys
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

VAR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))
VAR.mkdir(parents=True, exist_ok=True)  # a fresh clone has none, and SQLite makes no folders
TESTING = "pytest" in sys.modules


def _development_key() -> str:
    """A key of this checkout's own, so that no key known to others ever signs a session."""
    path = VAR / "development-key"
    if not path.exists():
        path.write_text(secrets.token_urlsafe(64))
        path.chmod(0o600)
    return path.read_text()


LOOPBACK = ["localhost", "127.0.0.1", "[::1]", "testserver"]
DEVELOPMENT = env.bool("DEVELOPMENT", "SECRET_KEY" not in env.ENVIRON)
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "") or (_development_key() if DEVELOPMENT else "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=LOOPBACK if DEVELOPMENT else [])


def _refuse_an_unsafe_start() -> None:
    problems = []
    if DEBUG:
        problems.append("DEBUG is for development only.")
    if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 10 or "insecure" in SECRET_KEY or "change" in SECRET_KEY.lower():
        problems.append("SECRET_KEY must be a random text of at least 50 characters.")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        problems.append("ALLOWED_HOSTS must name the hosts that are served, and no '*'.")
    if problems:
        raise ImproperlyConfigured(" ".join(problems) + " (DEVELOPMENT=1 is for a laptop.)")


if not DEVELOPMENT:
    _refuse_an_unsafe_start()

INSTALLED_APPS = [
    "timesheets_site.admin_config.OrganisationAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_filters",
    "django_htmx",
    "template_partials",
    "csp",
    "ninja",  # its pages of the API's description load from here, and from nowhere else
    "accounts",
    "timetracking",
]

MIDDLEWARE = [
    "accounts.middleware.RequestContextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "timesheets_site.lib.compression.QuickGZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.api_paths.ApiPathMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.admin_paths.AdminPathMiddleware",
    "accounts.middleware.GateMiddleware",
]

ROOT_URLCONF = "timesheets_site.urls"
WSGI_APPLICATION = "timesheets_site.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.frame",
            ],
            "builtins": ["template_partials.templatetags.partials", "timesheets_site.lib.pure"],
        },
    }
]


def database(url: str) -> dict:
    """Django's database settings for an address; the word "embedded" is a private PostgreSQL for tests."""
    if url == "embedded":
        from timesheets_site.embedded_pg import start

        url = start()
    config = env.db_url_config(url)
    if config["ENGINE"].endswith("sqlite3"):
        # An accepted entry must survive a power cut (synchronous=FULL), and a transaction that may write takes its
        # write lock at the start (IMMEDIATE), since select_for_update() does nothing on SQLite.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                "PRAGMA cache_size=-16000; PRAGMA mmap_size=134217728;"
            ),
        }
        config["CONN_MAX_AGE"] = None
        config["TEST"] = {"NAME": str(VAR / "test.sqlite3")}  # a file: threads cannot share one in memory
    else:
        config["CONN_MAX_AGE"] = 0  # the pool demands it
        pool = {"min_size": 1, "max_size": env.int("DB_POOL_SIZE", 8), "timeout": 10}
        # Django writes joins in an order that suits their filters. Left to try every order of eight, the planner takes
        # longer for a member's week than the query itself: 6 ms against 0.3.
        plan = "-c join_collapse_limit=3 -c from_collapse_limit=3 -c random_page_cost=1.1"  # disks without an arm
        # Statements that come again and again are planned once per connection. A pooler between the two must know
        # prepared statements (or DB_PREPARE=0).
        prepare = {"server_side_binding": True, "prepare_threshold": 4} if env.bool("DB_PREPARE", True) else {}
        config.setdefault("OPTIONS", {}).update({"pool": pool, "options": plan, **prepare})
    return config


DATABASES = {"default": database(env.str("DATABASE_URL", f"sqlite:///{VAR / 'db.sqlite3'}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Signing in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.SlowGuessingBackend"]  # counts tries, whatever door they come through
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
OTP_TOTP_ISSUER = "Timesheets"
PASSWORD_RESET_TIMEOUT = 3600
INVITATION_DAYS = env.int("INVITATION_DAYS", 7)
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", 12 * 3600)
SESSION_ABSOLUTE_SECONDS = env.int("SESSION_ABSOLUTE_SECONDS", 7 * 24 * 3600)
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_SECONDS
FRESH_SIGN_IN_SECONDS = 15 * 60  # how long a password and code count for a sensitive change
GUESSES_PER_ACCOUNT = 10  # in 15 minutes, from any address; passwords and codes are counted apart
GUESSES_PER_ADDRESS = 100
OTP_TOTP_THROTTLE_FACTOR = 0  # accounts.throttle counts codes; a device's own delays would shut its owner out
BROWSER_COOKIE_NAME = "__Host-browser" if env.bool("SECURE_TRANSPORT", not DEVELOPMENT) else "browser"

# Programs
API_REQUESTS_PER_KEY = env.int("API_REQUESTS_PER_KEY", 1_000)  # a minute; a key may have a number of its own
API_REQUESTS_PER_ORGANISATION = env.int("API_REQUESTS_PER_ORGANISATION", 5_000)  # a minute, all keys together
PORTAL_TOKEN_SECONDS = env.int("PORTAL_TOKEN_SECONDS", 12 * 3600)
OAUTH_TOKEN_SECONDS = env.int("OAUTH_TOKEN_SECONDS", 12 * 3600)
WEBHOOK_PORTS = env.list("WEBHOOK_PORTS", cast=int, default=[80, 443])  # of addresses that are told what happened
WEBHOOK_PRIVATE = env.bool("WEBHOOK_PRIVATE", False)  # may they lie in a private network, or on this machine?
OAUTH_REFRESH_SECONDS = env.int("OAUTH_REFRESH_SECONDS", 30 * 24 * 3600)

# The browser
SECURE_TRANSPORT = env.bool("SECURE_TRANSPORT", not DEVELOPMENT)
SESSION_COOKIE_NAME = "__Host-session" if SECURE_TRANSPORT else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE_TRANSPORT else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_TRANSPORT
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "accounts.views.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECURE_SSL_REDIRECT = SECURE_TRANSPORT
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_TRANSPORT else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_TRANSPORT
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", False) else None
# A redirect would lose what a program posts: behind a proxy it is the proxy that speaks TLS.
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^(api|time|system|v4_6_release|login/companyinfo|ia|kimai|ical)/"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Static files: hashed names where they were collected, straight from the tree in development and tests
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
COLLECTED = (STATIC_ROOT / "staticfiles.json").exists() and not DEVELOPMENT and not TESTING
WHITENOISE_USE_FINDERS = not COLLECTED
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("jpg", "jpeg", "png", "gif", "webp", "zip", "gz", "br", "woff", "woff2", "map")

# Files that are made in the background: for who asked alone, below no address of the server's own
EXPORTS_DIR = Path(env.str("EXPORTS_DIR", str(VAR / "exports")))
EXPORT_DAYS = env.int("EXPORT_DAYS", 7)

_MANIFEST = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": _MANIFEST
        if COLLECTED or "collectstatic" in sys.argv
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
    "exports": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": EXPORTS_DIR, "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
}

# Mail: queued with the change that it tells of, sent by `manage.py work`. Naming a server is enough to have it sent.
_SMTP, _CONSOLE = (f"django.core.mail.backends.{name}.EmailBackend" for name in ("smtp", "console"))
EMAIL_BACKEND = env.str("EMAIL_BACKEND", _SMTP if "EMAIL_HOST" in env.ENVIRON else _CONSOLE)
EMAIL_HOST = env.str("EMAIL_HOST", "localhost")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = env.bool("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Timesheets <timesheets@localhost>")
# Where people open this site, for links in mails that no request is behind. `check --deploy` asks for it.
SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000" if DEVELOPMENT else "").rstrip("/")

# Language and time: instants are UTC; every page is shown in the zone of the member who asks
# Not "en-gb": each message would be looked up in six catalogues one after the other, 100 times a page. Our own text is
# British as it stands, and every date has its format named.
LANGUAGE_CODE = env.str("LANGUAGE_CODE", "en")
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "timesheets_site" / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "timesheets_site.lib.logs.RequestFilter"}},
    "formatters": {"line": {"()": "timesheets_site.lib.logs.LineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}
