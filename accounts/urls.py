"""The platform's addresses: signing in, one's own pages, the organisation's members and settings."""

from django.urls import include, path

from accounts.views import (
    calendar_feed,
    home,
    integrations,
    joining,
    keys,
    me,
    members,
    notifications,
    passwords,
    settings,
    sign_in,
    two_step,
    working_time,
)

way_in = [
    path("", home.home, name="home"),
    path("timesheets", home.home, name="timesheets"),
    path("switch/", home.switch, name="switch"),
    path("livez", home.livez, name="livez"),
    path("readyz", home.readyz, name="readyz"),
]

signing_in = [
    path("login/", sign_in.login, name="login"),
    path("login/code/", sign_in.login_code, name="login-code"),
    path("login/recovery/", sign_in.login_recovery, name="login-recovery"),
    path("logout/", sign_in.logout, name="logout"),
    path("confirm/", sign_in.confirm, name="confirm"),
    path("mfa/setup/", two_step.setup, name="mfa-setup"),
    path("mfa/recovery-codes/", two_step.recovery_codes, name="mfa-recovery-codes"),
    path("mfa/<int:device_id>/remove/", two_step.remove_device, name="mfa-remove"),
    path("password/reset/", passwords.reset, name="password-reset"),
    path("password/reset/sent/", passwords.reset_sent, name="password-reset-sent"),
    path("password/reset/<uidb64>/<token>/", passwords.reset_confirm, name="password-reset-confirm"),
    path("invite/<str:token>/", joining.accept, name="invitation-accept"),
]

# /me/
own_pages = [
    path("", me.profile, name="me"),
    path("region/", me.region, name="me-region"),
    path("appearance/", me.appearance, name="me-appearance"),
    path("notifications/", me.notifications, name="me-notifications"),
    path("tokens/", keys.own, name="me-tokens"),
    path("tokens/new/", keys.new, name="me-token-new"),
    path("tokens/<int:key_id>/", keys.edit, name="me-token"),
    path("tokens/<int:key_id>/revoke/", keys.revoke, name="me-token-revoke"),
    path("calendar/", calendar_feed.calendar, name="me-calendar"),
    path("calendar/new/", calendar_feed.make, name="me-calendar-new"),
    path("calendar/off/", calendar_feed.end, name="me-calendar-off"),
    path("security/", me.security, name="me-security"),
    path("security/password/", passwords.change, name="password-change"),
    path("security/sessions/<int:session_id>/end/", me.end_session, name="session-end"),
    path("security/sessions/end-others/", me.end_other_sessions, name="sessions-end-others"),
]

# /o/<slug>/members/
member_pages = [
    path("", members.members, name="members"),
    path("<int:member_id>/", members.member, name="member"),
    path("<int:member_id>/deactivate/", members.deactivate, name="member-deactivate"),
    path("<int:member_id>/reactivate/", members.reactivate, name="member-reactivate"),
    path("<int:member_id>/hours/new/", working_time.new_change, name="hours-new"),
    path("<int:member_id>/hours/restore/", working_time.restore_change, name="hours-restore"),
    path("<int:member_id>/hours/<int:change_id>/", working_time.edit_change, name="hours-edit"),
    path("<int:member_id>/hours/<int:change_id>/remove/", working_time.remove_change, name="hours-remove"),
    path("<int:member_id>/days-off/new/", working_time.new_day_off, name="day-off-new"),
    path("<int:member_id>/days-off/restore/", working_time.restore_day_off, name="day-off-restore"),
    path("<int:member_id>/days-off/<int:day_off_id>/", working_time.edit_day_off, name="day-off-edit"),
    path("<int:member_id>/days-off/<int:day_off_id>/remove/", working_time.remove_day_off, name="day-off-remove"),
]

# /o/<slug>/settings/working-time/
company_days_off = [
    path("working-time/days-off/new/", working_time.new_company_day_off, name="company-day-off-new"),
    path("working-time/days-off/restore/", working_time.restore_company_day_off, name="company-day-off-restore"),
    path(
        "working-time/days-off/<int:company_day_off_id>/",
        working_time.edit_company_day_off,
        name="company-day-off-edit",
    ),
    path(
        "working-time/days-off/<int:company_day_off_id>/remove/",
        working_time.remove_company_day_off,
        name="company-day-off-remove",
    ),
]

# /o/<slug>/settings/integrations/
integration_pages = [
    path("integrations/", integrations.integrations, name="settings-integrations"),
    path("integrations/new/", integrations.new, name="integration-new"),
    path("integrations/<int:member_id>/", integrations.integration, name="integration"),
    path("integrations/<int:member_id>/keys/new/", integrations.new_key, name="integration-key-new"),
    path("integrations/keys/<int:key_id>/", integrations.edit_key, name="integration-key"),
    path("integrations/keys/<int:key_id>/revoke/", integrations.revoke_key, name="integration-key-revoke"),
]

# /o/<slug>/settings/
settings_pages = [
    path("", settings.general, name="settings-general"),
    path("policies/", settings.policies, name="settings-policies"),
    path("working-time/", working_time.organisations_time, name="settings-working-time"),
    *company_days_off,
    *integration_pages,
    path("billing/", settings.billing, name="settings-billing"),
    path("invoices/", settings.invoices, name="settings-invoices"),
    path("approvals/", settings.approvals, name="settings-approvals"),
    path("security/", settings.security, name="settings-security"),
    path("audit/", settings.audit_log, name="settings-audit"),
    path("invitations/", members.invitations, name="invitations"),
    path("invitations/<int:invitation_id>/resend/", members.resend_invitation, name="invitation-resend"),
    path("invitations/<int:invitation_id>/revoke/", members.revoke_invitation, name="invitation-revoke"),
]

# /o/<slug>/notifications/
notification_pages = [
    path("", notifications.notifications, name="notifications"),
    path("read/", notifications.read_all, name="notifications-read"),
    path("<int:notification_id>/open/", notifications.open_one, name="notification-open"),
    path("<int:notification_id>/read/", notifications.read, name="notification-read"),
]

urlpatterns = [
    *way_in,
    *signing_in,
    path("me/", include(own_pages)),
    path("o/<slug:slug>/members/", include(member_pages)),
    path("o/<slug:slug>/settings/", include(settings_pages)),
    path("o/<slug:slug>/notifications/", include(notification_pages)),
]
