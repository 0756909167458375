"""What Django must know of the service: made by a function from the folder, its settings and the environment."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from dueregard.store.open import KEYS, settings_for
from dueregard.web.config import Config, read_config

SESSION_KEY = "session.key"
HERE = Path(__file__).parent
LARGEST_POST = 2 * 1024 * 1024  # bytes of a form; a file of a school has its own limit, in its page
LARGEST_FILE = 20 * 1024 * 1024
MOST_FIELDS = 3_000

APPS = (
    "django.contrib.auth", "django.contrib.sessions", "django.contrib.staticfiles", "django.forms",
    "django_otp", "django_otp.plugins.otp_totp", "axes", "csp", "dueregard.web",
)  # fmt: skip
MIDDLEWARE = (
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "dueregard.web.middleware.headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "dueregard.web.middleware.Letters",
    "axes.middleware.AxesMiddleware",
)
CSP = {
    "default-src": ["'none'"], "script-src": ["'self'"], "style-src": ["'self'"], "img-src": ["'self'", "data:"],
    "font-src": ["'none'"], "connect-src": ["'self'"], "form-action": ["'self'"], "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"], "object-src": ["'none'"],
}  # fmt: skip


def web_settings(folder: Path, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Every setting of the service that keeps its records in this folder."""
    config = read_config(folder)
    store = settings_for(folder, environment)
    # A connection lives as long as its thread; one that the database closed meanwhile is made anew.
    store["DATABASES"]["default"] |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
    return {
        **store, **_secure(config), **_sessions(config), **_sign_in(config),
        "INSTALLED_APPS": [*store["INSTALLED_APPS"], *APPS],
        "MIDDLEWARE": list(MIDDLEWARE),
        "ROOT_URLCONF": "dueregard.web.urls",
        "SECRET_KEY": session_key(folder),
        "TEMPLATES": [_templates()],
        "FORM_RENDERER": "dueregard.web.forms.renderer.Plain",
        "STATIC_URL": "/static/",
        "STATIC_ROOT": str(HERE / "static"),
        "STORAGES": {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
                     "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}},
        "WHITENOISE_USE_FINDERS": True,
        "WHITENOISE_AUTOREFRESH": False,
        "WHITENOISE_MAX_AGE": 3600,
        "DATA_UPLOAD_MAX_MEMORY_SIZE": LARGEST_POST,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": MOST_FIELDS,
        "DATA_UPLOAD_MAX_NUMBER_FILES": 4,
        # A file that is sent stays in memory: nothing of a school lies in a temporary folder.
        "FILE_UPLOAD_HANDLERS": ["dueregard.web.uploads.InMemory"],
        "USE_I18N": False,
        "DATE_FORMAT": "j F Y", "DATETIME_FORMAT": "j F Y, H:i",
        "LOGGING_CONFIG": None,
        "DUEREGARD_CONFIG": config,
    }  # fmt: skip


def _secure(config: Config) -> dict[str, Any]:
    return {
        "DEBUG": False,
        "ALLOWED_HOSTS": config.names,
        "CSRF_TRUSTED_ORIGINS": [config.address.rstrip("/")],
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SECURE": config.is_https,
        "CSRF_COOKIE_SAMESITE": "Strict",
        "CSRF_USE_SESSIONS": False,
        "CSRF_FAILURE_VIEW": "dueregard.web.views.letters.forged",
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        "SECURE_HSTS_SECONDS": 63_072_000 if config.is_https else 0,
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https") if config.is_behind_proxy else None,
        "X_FRAME_OPTIONS": "DENY",
        "CONTENT_SECURITY_POLICY": {"DIRECTIVES": CSP},
    }


def _sessions(config: Config) -> dict[str, Any]:
    return {
        "SESSION_ENGINE": "dueregard.web.session_store",
        "SESSION_COOKIE_NAME": "__Host-session" if config.is_https else "session",
        "SESSION_COOKIE_SECURE": config.is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Strict",
        "SESSION_COOKIE_AGE": config.session_hours * 3600,
        "SESSION_EXPIRE_AT_BROWSER_CLOSE": True,
    }


def _sign_in(config: Config) -> dict[str, Any]:
    return {
        "AUTHENTICATION_BACKENDS": ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"],
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
            {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
            {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
             "OPTIONS": {"user_attributes": ("login", "name")}},
        ],
        "AXES_FAILURE_LIMIT": config.wrong_passwords,
        "AXES_COOLOFF_TIME": timedelta(minutes=config.locked_minutes),
        "AXES_LOCKOUT_PARAMETERS": ["username"],
        "AXES_RESET_ON_SUCCESS": True,
        "AXES_USERNAME_FORM_FIELD": "username",
        "AXES_LOCKOUT_CALLABLE": "dueregard.web.views.sign_in.locked",
        "AXES_DISABLE_ACCESS_LOG": True,
        "AXES_VERBOSE": False,
        "AXES_ENABLE_ADMIN": False,
        "AXES_IPWARE_PROXY_COUNT": 1 if config.is_behind_proxy else None,
        "OTP_TOTP_ISSUER": "Due Regard",
        "OTP_TOTP_THROTTLE_FACTOR": 1,
        "SILENCED_SYSTEM_CHECKS": ["axes.W003", "axes.W006", "auth.W004"],
    }  # fmt: skip


def _templates() -> dict[str, Any]:
    return {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request", "dueregard.web.context.every_page"],
            "builtins": ["dueregard.web.templatetags.words"],
        },
    }


def session_key(folder: Path) -> str:
    """The key that signs sessions and forms: beside the other keys, for its owner alone; made where there is none."""
    path = folder / KEYS / SESSION_KEY
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write(secrets.token_urlsafe(48) + "\n")
    return path.read_text(encoding="ascii").strip()
