"""What Alertmanager can notify, as data: integrations, their settings and what they need."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from simulator.alerting.yamlfile import Problems, Value


class Kind(NamedTuple):
    """One integration: does it tell of resolved alerts by default, its settings, its needs.

    `needs` holds alternatives: of every tuple one must be set, here or in `global`.
    """

    send_resolved: bool
    fields: str
    needs: tuple[tuple[str, ...], ...] = ()


KINDS: dict[str, Kind] = {
    "email_configs": Kind(
        False,
        "to from hello smarthost auth_username auth_password auth_password_file auth_secret "
        "auth_secret_file auth_identity headers html text require_tls tls_config "
        "force_implicit_tls threading",
        (("to",), ("smarthost", "global.smtp_smarthost"), ("from", "global.smtp_from")),
    ),
    "pagerduty_configs": Kind(
        True,
        "service_key service_key_file routing_key routing_key_file url client client_url "
        "description details images links source severity class component group timeout",
        (("service_key", "routing_key", "service_key_file", "routing_key_file"),),
    ),
    "slack_configs": Kind(
        False,
        "api_url api_url_file app_token app_token_file app_url channel username color title "
        "title_link pretext text message_text fields short_fields footer fallback callback_id "
        "icon_emoji icon_url image_url thumb_url link_names mrkdwn_in actions timeout "
        "update_message",
        (
            (
                "api_url",
                "api_url_file",
                "app_token",
                "app_token_file",
                "global.slack_api_url",
                "global.slack_api_url_file",
                "global.slack_app_token",
                "global.slack_app_token_file",
            ),
        ),
    ),
    "webhook_configs": Kind(
        True, "url url_file max_alerts timeout payload", (("url", "url_file"),)
    ),
    "opsgenie_configs": Kind(
        True,
        "api_key api_key_file api_url message description source details entity responders "
        "actions tags note priority update_alerts",
        (
            (
                "api_key",
                "api_key_file",
                "global.opsgenie_api_key",
                "global.opsgenie_api_key_file",
            ),
        ),
    ),
    "wechat_configs": Kind(
        False,
        "api_secret api_secret_file corp_id message api_url to_user to_party to_tag agent_id "
        "message_type",
        (
            (
                "api_secret",
                "api_secret_file",
                "global.wechat_api_secret",
                "global.wechat_api_secret_file",
            ),
            ("corp_id", "global.wechat_api_corp_id"),
        ),
    ),
    "pushover_configs": Kind(
        True,
        "user_key user_key_file token token_file title message url url_title device sound "
        "priority retry expire ttl html monospace",
        (("user_key", "user_key_file"), ("token", "token_file")),
    ),
    "victorops_configs": Kind(
        True,
        "api_key api_key_file api_url routing_key message_type state_message "
        "entity_display_name monitoring_tool custom_fields",
        (
            ("routing_key",),
            (
                "api_key",
                "api_key_file",
                "global.victorops_api_key",
                "global.victorops_api_key_file",
            ),
        ),
    ),
    "sns_configs": Kind(
        True,
        "api_url use_aws_http_client sigv4 topic_arn phone_number target_arn subject message "
        "attributes",
        (("topic_arn", "target_arn", "phone_number"),),
    ),
    "telegram_configs": Kind(
        True,
        "api_url bot_token bot_token_file chat_id chat_id_file message message_thread_id "
        "disable_notifications parse_mode",
        (
            (
                "bot_token",
                "bot_token_file",
                "global.telegram_bot_token",
                "global.telegram_bot_token_file",
            ),
            ("chat_id", "chat_id_file"),
        ),
    ),
    "discord_configs": Kind(
        True,
        "webhook_url webhook_url_file content title message username avatar_url",
        (("webhook_url", "webhook_url_file"),),
    ),
    "webex_configs": Kind(True, "api_url message room_id", (("room_id",), ("http_config",))),
    "msteams_configs": Kind(
        True,
        "webhook_url webhook_url_file title summary text",
        (("webhook_url", "webhook_url_file"),),
    ),
    "msteamsv2_configs": Kind(
        True, "webhook_url webhook_url_file title text", (("webhook_url", "webhook_url_file"),)
    ),
    "jira_configs": Kind(
        True,
        "api_url api_type project summary description labels priority issue_type "
        "reopen_transition resolve_transition wont_fix_resolution reopen_duration fields",
        (("project",), ("issue_type",), ("api_url", "global.jira_api_url")),
    ),
    "rocketchat_configs": Kind(
        False,
        "api_url channel token token_file token_id token_id_file color title title_link text "
        "fields short_fields emoji icon_url image_url thumb_url link_names actions",
        (
            ("token", "token_file", "global.rocketchat_token", "global.rocketchat_token_file"),
            (
                "token_id",
                "token_id_file",
                "global.rocketchat_token_id",
                "global.rocketchat_token_id_file",
            ),
        ),
    ),
    "incidentio_configs": Kind(
        True,
        "url url_file alert_source_token alert_source_token_file max_alerts timeout",
        (("url", "url_file"),),
    ),
    "mattermost_configs": Kind(
        True,
        "webhook_url webhook_url_file channel username text icon_url icon_emoji attachments "
        "type props priority fallback color pretext author_name author_link author_icon title "
        "title_link fields thumb_url footer footer_icon image_url",
        (("webhook_url", "webhook_url_file"),),
    ),
}
NEW = ("msteams", "msteamsv2", "jira", "rocketchat", "incidentio", "mattermost")  # not in 0.25
ADDRESSES = ("url", "api_url", "webhook_url")
COMMON = ("send_resolved", "http_config")


class Integration(NamedTuple):
    """One thing that a receiver notifies: its kind ('slack', …), place in the list, setting."""

    kind: str
    number: int
    send_resolved: bool

    def __str__(self) -> str:
        return f"{self.kind}[{self.number}]"


class Receiver(NamedTuple):
    """A receiver; one without integrations notifies nobody."""

    name: str
    integrations: tuple[Integration, ...]


def receiver(
    value: Value, where: str, settings: Mapping[str, Value], problems: Problems, version: str
) -> Receiver:
    """A receiver of the configuration, its settings checked."""
    kinds = {
        key: kind
        for key, kind in KINDS.items()
        if version != "0.25" or key.removesuffix("_configs") not in NEW
    }
    labels = () if version == "0.25" else ("labels",)
    entries = problems.map(value, where, ("name", *labels, *kinds))
    name = problems.text(entries.get("name"), where)
    if not name:
        problems.add(value, where, "a receiver needs a name")
    found: list[Integration] = []
    for key, kind in kinds.items():
        short = key.removesuffix("_configs")
        for number, item in enumerate(problems.list(entries.get(key), f"{where}.{key}")):
            place = f"receiver {name}: {key}[{number}]"
            fields = problems.map(item, place, (*COMMON, *kind.fields.split()))
            _check(item, fields, kind, settings, problems, place)
            sends = problems.boolean(fields.get("send_resolved"), place, kind.send_resolved)
            found.append(Integration(short, number, sends))
    return Receiver(name, tuple(found))


def _check(
    item: Value,
    fields: Mapping[str, Value],
    kind: Kind,
    settings: Mapping[str, Value],
    problems: Problems,
    place: str,
) -> None:
    for options in kind.needs:
        local = [option for option in options if not option.startswith("global.")]
        given = [option for option in local if option in fields and _filled(fields[option])]
        shared = [option.removeprefix("global.") for option in options if "." in option]
        if not given and not any(option in settings for option in shared):
            wanted = " or ".join([*local, *[f"global {option}" for option in shared]])
            problems.add(item, place, f"missing {wanted}")
    check_settings(item, fields, problems, place)


def _filled(value: Value) -> bool:
    return value.kind != "scalar" or value.text != ""


def check_settings(
    item: Value, fields: Mapping[str, Value], problems: Problems, place: str
) -> None:
    """Secrets are given inline or in a file, not both; addresses are addresses."""
    for key, value in fields.items():
        if key.endswith("_file") and (inline := key.removesuffix("_file")) in fields:
            problems.add(item, place, f"at most one of {inline} & {key} must be configured")
        text = value.text
        if key in ADDRESSES or (place == "global" and key.endswith("_url")):
            if not re.match(r"https?://[^/]", text) and text != "<secret>":
                problems.add(value, place, f"{key}: not an http or https address: {text[:40]!r}")
        elif key.endswith("smarthost") and text and ":" not in text:
            problems.add(value, place, f"{key}: {text!r} has no port; write host:25")
