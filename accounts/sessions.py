"""How long a sign-in lasts: an idle limit and an absolute one, both settings, kept on the server."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import UserSession

SIGNED_IN, SEEN = "signed_in_at", "seen_at"
SEEN_STEP_SECONDS = 300  # `seen_at` is written no more often than this, so that reading pages writes nothing


def keep_alive(request: HttpRequest) -> bool:
    """False, and the session ended, if it was idle or alive for too long. Times are Unix seconds."""
    now = int(timezone.now().timestamp())
    session = request.session
    started = session.setdefault(SIGNED_IN, now) if SIGNED_IN not in session else session[SIGNED_IN]
    seen = session.get(SEEN)
    if seen is None:
        session[SEEN] = now
        return True
    if now - started > settings.SESSION_ABSOLUTE_SECONDS or now - seen > settings.SESSION_IDLE_SECONDS:
        UserSession.objects.filter(session_key=session.session_key).delete()
        logout(request)
        return False
    if now - seen > SEEN_STEP_SECONDS:
        session[SEEN] = now
        UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=timezone.now())
    return True
