"""Alertmanager's integrations as data: their settings and which of them are required."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from simulator.alerting.decoder import Decoder, is_scalar
from simulator.source import YamlNode


class IntegrationKind(NamedTuple):
    """One kind of integration: default of `send_resolved`, settings, required settings.

    `required` holds alternatives: of each, one setting must be set, here or in `global`.
    """

    send_resolved: bool
    fields: str
    required: str


KINDS: dict[str, IntegrationKind] = {
    "email_configs": IntegrationKind(
        False,
        "to from hello smarthost auth_username auth_password auth_password_file auth_secret "
        "auth_secret_file auth_identity headers html text require_tls tls_config "
        "force_implicit_tls threading",
        "to smarthost|global.smtp_smarthost from|global.smtp_from",
    ),
    "pagerduty_configs": IntegrationKind(
        True,
        "service_key service_key_file routing_key routing_key_file url client client_url "
        "description details images links source severity class component group timeout",
        "service_key|routing_key|service_key_file|routing_key_file",
    ),
    "slack_configs": IntegrationKind(
        False,
        "api_url api_url_file app_token app_token_file app_url channel username color title "
        "title_link pretext text message_text fields short_fields footer fallback callback_id "
        "icon_emoji icon_url image_url thumb_url link_names mrkdwn_in actions timeout "
        "update_message",
        "api_url|api_url_file|app_token|app_token_file|global.slack_api_url|"
        "global.slack_api_url_file|global.slack_app_token|global.slack_app_token_file",
    ),
    "webhook_configs": IntegrationKind(
        True, "url url_file max_alerts timeout payload", "url|url_file"
    ),
    "opsgenie_configs": IntegrationKind(
        True,
        "api_key api_key_file api_url message description source details entity responders "
        "actions tags note priority update_alerts",
        "api_key|api_key_file|global.opsgenie_api_key|global.opsgenie_api_key_file",
    ),
    "wechat_configs": IntegrationKind(
        False,
        "api_secret api_secret_file corp_id message api_url to_user to_party to_tag agent_id "
        "message_type",
        "api_secret|api_secret_file|global.wechat_api_secret|global.wechat_api_secret_file "
        "corp_id|global.wechat_api_corp_id",
    ),
    "pushover_configs": IntegrationKind(
        True,
        "user_key user_key_file token token_file title message url url_title device sound "
        "priority retry expire ttl html monospace",
        "user_key|user_key_file token|token_file",
    ),
    "victorops_configs": IntegrationKind(
        True,
        "api_key api_key_file api_url routing_key message_type state_message entity_display_name "
        "monitoring_tool custom_fields",
        "routing_key api_key|api_key_file|global.victorops_api_key|global.victorops_api_key_file",
    ),
    "sns_configs": IntegrationKind(
        True,
        "api_url use_aws_http_client sigv4 topic_arn phone_number target_arn subject message "
        "attributes",
        "topic_arn|target_arn|phone_number",
    ),
    "telegram_configs": IntegrationKind(
        True,
        "api_url bot_token bot_token_file chat_id chat_id_file message message_thread_id "
        "disable_notifications parse_mode",
        "bot_token|bot_token_file|global.telegram_bot_token|global.telegram_bot_token_file "
        "chat_id|chat_id_file",
    ),
    "discord_configs": IntegrationKind(
        True,
        "webhook_url webhook_url_file content title message username avatar_url",
        "webhook_url|webhook_url_file",
    ),
    "webex_configs": IntegrationKind(True, "api_url message room_id", "room_id http_config"),
    "msteams_configs": IntegrationKind(
        True, "webhook_url webhook_url_file title summary text", "webhook_url|webhook_url_file"
    ),
    "msteamsv2_configs": IntegrationKind(
        True, "webhook_url webhook_url_file title text", "webhook_url|webhook_url_file"
    ),
    "jira_configs": IntegrationKind(
        True,
        "api_url api_type project summary description labels priority issue_type "
        "reopen_transition resolve_transition wont_fix_resolution reopen_duration fields",
        "project issue_type api_url|global.jira_api_url",
    ),
    "rocketchat_configs": IntegrationKind(
        False,
        "api_url channel token token_file token_id token_id_file color title title_link text "
        "fields short_fields emoji icon_url image_url thumb_url link_names actions",
        "token|token_file|global.rocketchat_token|global.rocketchat_token_file token_id|"
        "token_id_file|global.rocketchat_token_id|global.rocketchat_token_id_file",
    ),
    "incidentio_configs": IntegrationKind(
        True,
        "url url_file alert_source_token alert_source_token_file max_alerts timeout",
        "url|url_file",
    ),
    "mattermost_configs": IntegrationKind(
        True,
        "webhook_url webhook_url_file channel username text icon_url icon_emoji attachments type "
        "props priority fallback color pretext author_name author_link author_icon title "
        "title_link fields thumb_url footer footer_icon image_url",
        "webhook_url|webhook_url_file",
    ),
}
NEW_KINDS = (
    "msteams",
    "msteamsv2",
    "jira",
    "rocketchat",
    "incidentio",
    "mattermost",
)  # not in 0.25
ADDRESSES = ("url", "api_url", "webhook_url")
COMMON_FIELDS = ("send_resolved", "http_config")


class Integration(NamedTuple):
    """One integration of a receiver: its kind ('slack', …), its place in the list, a setting."""

    kind: str
    number: int
    send_resolved: bool

    def __str__(self) -> str:
        return f"{self.kind}[{self.number}]"


class AlertReceiver(NamedTuple):
    """A receiver of Alertmanager; without integrations it notifies nobody."""

    name: str
    integrations: tuple[Integration, ...]


def decode_receiver(
    node: YamlNode, where: str, settings: Mapping[str, YamlNode], decoder: Decoder, version: str
) -> AlertReceiver:
    """A receiver of the configuration, with its settings checked."""
    kinds = {
        key: kind
        for key, kind in KINDS.items()
        if version != "0.25" or key.removesuffix("_configs") not in NEW_KINDS
    }
    labels = () if version == "0.25" else ("labels",)
    entries = decoder.mapping(node, where, ("name", *labels, *kinds))
    name = decoder.text(entries.get("name"), where)
    if not name:
        decoder.complain(node, where, "a receiver needs a name")
    integrations: list[Integration] = []
    for key, kind in kinds.items():
        for number, item in enumerate(decoder.sequence(entries.get(key), f"{where}.{key}")):
            place = f"receiver {name}: {key}[{number}]"
            fields = decoder.mapping(item, place, (*COMMON_FIELDS, *kind.fields.split()))
            _check_required(item, fields, kind, settings, decoder, place)
            check_settings(item, fields, decoder, place)
            sends = decoder.boolean(fields.get("send_resolved"), place, kind.send_resolved)
            integrations.append(Integration(key.removesuffix("_configs"), number, sends))
    return AlertReceiver(name, tuple(integrations))


def _check_required(
    node: YamlNode,
    fields: Mapping[str, YamlNode],
    kind: IntegrationKind,
    settings: Mapping[str, YamlNode],
    decoder: Decoder,
    where: str,
) -> None:
    """Complain of required settings that are set neither here nor in `global`."""
    for alternatives in kind.required.split():
        options = alternatives.split("|")
        local = [option for option in options if not option.startswith("global.")]
        filled = any(option in fields and _is_filled(fields[option]) for option in local)
        shared = [option.removeprefix("global.") for option in options if "." in option]
        if not filled and not any(option in settings for option in shared):
            names = " or ".join([*local, *[f"global {option}" for option in shared]])
            decoder.complain(node, where, f"missing {names}")


def _is_filled(node: YamlNode) -> bool:
    return not is_scalar(node) or node.text != ""


def check_settings(
    node: YamlNode, fields: Mapping[str, YamlNode], decoder: Decoder, where: str
) -> None:
    """Complain of secrets given both inline and in a file, and of invalid addresses."""
    for key, value in fields.items():
        if key.endswith("_file") and (inline := key.removesuffix("_file")) in fields:
            decoder.complain(node, where, f"at most one of {inline} & {key} must be configured")
        text = value.text
        if key in ADDRESSES or (where == "global" and key.endswith("_url")):
            if not re.match(r"https?://[^/]", text) and text != "<secret>":
                complaint = f"{key}: not an http or https address: {text[:40]!r}"
                decoder.complain(value, where, complaint)
        elif key.endswith("smarthost") and text and ":" not in text:
            decoder.complain(value, where, f"{key}: {text!r} has no port; write host:25")
