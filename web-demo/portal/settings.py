"""Django's settings. What differs between machines comes from the environment, nothing else.

``PORTAL_DATA``: the folder of database and secret key. ``PORTAL_PORT``: the port in every origin.
``PORTAL_ANCHORS``: a PEM file with the certification authorities that the departments trust.
``PORTAL_DOMAIN``: what follows each site's label, ``localhost`` when it is not given.
"""

import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from portal.hosts import site_hosts
from portal.secret_key import read_secret_key


def _given(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        message = f"the environment variable {name} is not set"
        raise ImproperlyConfigured(message)
    return value


_FOLDER = Path(__file__).parent
_DATA = Path(_given("PORTAL_DATA"))

PORTAL_PORT = int(_given("PORTAL_PORT"))
PORTAL_ANCHORS = Path(_given("PORTAL_ANCHORS"))
PORTAL_DOMAIN = os.environ.get("PORTAL_DOMAIN", "localhost")
PORTAL_HOSTS = site_hosts(PORTAL_DOMAIN, PORTAL_PORT)
PORTAL_STATIC = (_FOLDER / "static", _FOLDER.parents[1] / "protocol" / "js")
"""The page's own files, and the client that every page of a department uses."""

SECRET_KEY = read_secret_key(_DATA / "secret.key")
DEBUG = False
ALLOWED_HOSTS = [host.partition(":")[0] for host in PORTAL_HOSTS]
ROOT_URLCONF = "portal.routes.city"
INSTALLED_APPS = ["django.contrib.sessions", "portal"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "portal.middleware.ResponseRules",
    "portal.middleware.DepartmentByHost",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.middleware.SessionOfHost",
    "portal.middleware.LanguageChoice",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_FOLDER / "templates"],
        "OPTIONS": {
            "context_processors": ["portal.views.surroundings.surroundings"],
            "builtins": ["portal.templatetags.wording"],
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _DATA / "portal.sqlite3",
        "OPTIONS": {
            # Without these two, requests at the same time end in "database is locked".
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;",
            "timeout": 20,
        },
    }
}

SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_AGE = 30 * 60
"""Half an hour without a request; a form takes ten minutes."""
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "portal.views.faults.forged"

SECURE_SSL_REDIRECT = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = ["security.W004"]
"""No HSTS for names under localhost: the browser would keep it after the demo is gone."""

DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024
"""A draft of 500 rows has 60 kB; a signature with its chain in base64 less."""

USE_I18N = False
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "portal": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
