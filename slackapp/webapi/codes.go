package webapi

import (
	"slices"
	"strings"
)

// unknownCode stands for an error code that isn't documented.
const unknownCode = "an_unknown_error"

// documentedCodes are the error codes that the documentation has for the methods in use
// (https://docs.slack.dev/reference/methods). Only these are logged and shown: whatever else an answer has in their place
// may repeat what we sent.
var documentedCodes = strings.Fields(`
	access_denied account_inactive accesslimited already_reacted as_user_not_supported attachment_payload_limit_exceeded
	bad_timestamp block_mismatch bot_not_found cannot_dm_bot cannot_reply_to_message cant_broadcast_message cant_delete_message
	cant_update_message channel_is_archived channel_not_found channel_type_not_supported comment_required compliance_exports_prevent_deletion
	deprecated_endpoint duplicate_channel_not_found duplicate_message_not_found edit_window_closed ekm_access_denied
	enterprise_is_restricted external_channel_migrating fatal_error file_deleted file_not_found forbidden_team
	insecure_request internal_error invalid_arg_name invalid_arguments invalid_array_arg invalid_attachments invalid_auth
	invalid_blocks invalid_blocks_format invalid_charset invalid_cursor invalid_form_data invalid_json invalid_limit
	invalid_metadata_filter_keys invalid_metadata_format invalid_metadata_schema invalid_name invalid_post_type
	invalid_scheduled_time invalid_ts_latest invalid_ts_oldest invalid_types is_archived is_inactive json_not_object
	limit_required markdown_text_conflict message_limit_exceeded message_not_found message_too_long messages_tab_disabled
	metadata_must_be_sent_from_app metadata_too_large method_deprecated method_not_supported_for_channel_type
	migration_in_progress missing_args missing_charset missing_file_data missing_post_type missing_scope msg_blocks_too_long
	msg_too_long no_access no_dual_broadcast_content_update no_item_specified no_permission no_reaction no_such_subteam no_text
	not_allowed not_allowed_token_type not_authed not_authorized not_in_channel not_reactable org_login_required
	posting_to_channel_denied rate_limited ratelimited request_timeout request_too_large restricted_action
	restricted_action_non_threadable_channel restricted_action_read_only_channel restricted_action_thread_locked
	restricted_action_thread_only_channel service_unavailable slack_connect_blocked_file_type
	slack_connect_canvas_sharing_blocked slack_connect_file_link_sharing_blocked slack_connect_file_upload_sharing_blocked
	socket_mode_not_enabled stream_mode_disabled subteam_not_found team_access_not_granted team_added_to_org team_not_found
	thread_locked thread_not_found token_expired token_revoked too_many_attachments too_many_contact_cards too_many_emoji
	too_many_members too_many_reactions too_many_websockets two_factor_setup_required unknown_method unsupported_metadata
	update_failed user_not_found user_not_in_channel user_not_visible users_list_not_supplied users_not_found
	`)

// knownScopes are the scopes that the methods in use can need (https://docs.slack.dev/reference/scopes).
var knownScopes = strings.Fields(`
	app_mentions:read channels:history channels:read chat:write connections:write files:read groups:history groups:read
	im:history im:read im:write mpim:history mpim:read mpim:write reactions:read reactions:write usergroups:read users:read
	`)

// shownCode returns an error code as it may be logged and shown.
func shownCode(code string) string {
	if code == "" || slices.Contains(documentedCodes, code) {
		return code
	}
	return unknownCode
}

// shownScopes returns the scopes in a list that may be logged and shown.
func shownScopes(list string) string {
	scopes := strings.Split(list, ",")
	return strings.Join(slices.DeleteFunc(scopes, func(s string) bool { return !slices.Contains(knownScopes, s) }), ",")
}
