"""Sessions and sign-in on the product's own database and settings, and nothing else."""

from timesheets_site import settings as product

SECRET_KEY = product.SECRET_KEY
ALLOWED_HOSTS = product.ALLOWED_HOSTS
DATABASES = product.DATABASES
DEFAULT_AUTO_FIELD = product.DEFAULT_AUTO_FIELD
AUTH_USER_MODEL = product.AUTH_USER_MODEL
AUTHENTICATION_BACKENDS = product.AUTHENTICATION_BACKENDS
SESSION_COOKIE_NAME = product.SESSION_COOKIE_NAME
LANGUAGE_CODE, USE_I18N, USE_TZ, TIME_ZONE = product.LANGUAGE_CODE, True, True, "UTC"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "accounts",
    "timetracking",
    "benchmarks.bare.apps.BareConfig",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
ROOT_URLCONF = "benchmarks.bare.urls"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
