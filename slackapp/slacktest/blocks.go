package slacktest

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// Sizes from https://docs.slack.dev/reference/block-kit/blocks.
const (
	maxBlocks   = 50
	maxSection  = 3_000
	maxHeader   = 150
	maxMarkdown = 12_000
	// maxBlockText is for the text of all blocks of a message. Slack doesn't document it
	// (https://github.com/slackapi/bolt-js/issues/2509).
	maxBlockText = 13_200
	maxButton    = 75
	maxActionID  = 255
	maxValue     = 2_000
	maxElements  = 25
	maxContext   = 10
	maxFields    = 10
)

var blockTypes = set([]string{
	"actions", "alert", "card", "carousel", "context", "context_actions", "divider", "file", "header", "image", "input",
	"markdown", "plan", "rich_text", "section", "table", "task_card", "video",
})

// checkBlocks checks an app's blocks as Slack does and returns them as Slack stores them: with generated ids if they
// had none, and with markdown translated to rich text.
func (s *Server) checkBlocks(raw string) (json.RawMessage, error) {
	var blocks []object
	if err := json.Unmarshal([]byte(raw), &blocks); err != nil {
		return nil, fail("invalid_blocks_format")
	}
	check := blockCheck{ids: map[string]bool{}}
	if len(blocks) > maxBlocks || renderedBlocks(blocks) > maxBlocks {
		check.addError("no more than 50 items allowed", "/blocks")
	}
	var stored []object
	for i, b := range blocks {
		at := fmt.Sprintf("/blocks/%d", i)
		check.block(b, at)
		if b["type"] == "markdown" {
			md, _ := b["text"].(string)
			b = object{"type": "rich_text", "elements": markdownElements(md)}
		}
		if _, ok := b["block_id"]; !ok {
			b["block_id"] = s.shortID()
		}
		s.assignActionIDs(b)
		stored = append(stored, b)
	}
	if check.markdown > maxMarkdown {
		check.addError("markdown blocks hold more than 12000 characters", "/blocks")
	}
	if textIn(blocks) > maxBlockText {
		return nil, fail("msg_blocks_too_long")
	}
	if len(check.messages) > 0 {
		return nil, apiError{code: "invalid_blocks", extra: object{
			"errors": check.errors, "response_metadata": object{"messages": check.messages},
		}}
	}
	return encode(stored), nil
}

// shortID returns a block_id like Slack's. s.mu is held.
func (s *Server) shortID() string { return s.newID("")[:5] }

// assignActionIDs gives every element of an actions block, and the accessory of a section, an action_id.
func (s *Server) assignActionIDs(b object) {
	elements, _ := b["elements"].([]any)
	if b["type"] != "actions" {
		elements = []any{b["accessory"]}
	}
	for _, e := range elements {
		if el, ok := e.(object); ok && el["action_id"] == nil && el["type"] != "image" {
			el["action_id"] = s.shortID()
		}
	}
}

// blockCheck collects the errors in a list of blocks.
type blockCheck struct {
	ids              map[string]bool
	markdown         int
	errors, messages []string
}

func (c *blockCheck) addError(what, at string) {
	c.errors = append(c.errors, fmt.Sprintf("%s [json-pointer:%s]", what, at))
	c.messages = append(c.messages, fmt.Sprintf("[ERROR] %s [json-pointer:%s]", what, at))
}

func (c *blockCheck) block(b object, at string) {
	kind, _ := b["type"].(string)
	if !blockTypes[kind] {
		c.addError(fmt.Sprintf("unsupported type: %s", kind), at+"/type")
		return
	}
	if id, ok := b["block_id"].(string); ok {
		if id == "" || utf8.RuneCountInString(id) > maxActionID {
			c.addError("block_id must have 1 to 255 characters", at+"/block_id")
		}
		if c.ids[id] {
			c.addError("`block_id` already exists", at+"/block_id")
		}
		c.ids[id] = true
	}
	switch kind {
	case "section":
		c.section(b, at)
	case "header":
		c.text(b["text"], maxHeader, at+"/text")
	case "markdown":
		text, ok := b["text"].(string)
		if !ok || text == "" {
			c.addError("missing required field: text", at+"/text")
		}
		c.markdown += utf8.RuneCountInString(text)
	case "actions":
		c.elements(b, at, maxElements)
	case "context":
		if els, ok := b["elements"].([]any); !ok || len(els) == 0 || len(els) > maxContext {
			c.addError("must have 1 to 10 elements", at+"/elements")
		}
	case "rich_text":
		if _, ok := b["elements"].([]any); !ok {
			c.addError("missing required field: elements", at+"/elements")
		}
	}
}

func (c *blockCheck) section(b object, at string) {
	fields, hasFields := b["fields"].([]any)
	if b["text"] == nil && !hasFields {
		c.addError("missing required field: text", at)
		return
	}
	if b["text"] != nil {
		c.text(b["text"], maxSection, at+"/text")
	}
	if len(fields) > maxFields {
		c.addError("no more than 10 items allowed", at+"/fields")
	}
	for i, f := range fields {
		c.text(f, maxValue, fmt.Sprintf("%s/fields/%d", at, i))
	}
	if b["accessory"] != nil {
		c.element(b["accessory"], at+"/accessory", map[string]bool{})
	}
}

// text checks a text object (https://docs.slack.dev/reference/block-kit/composition-objects/text-object).
func (c *blockCheck) text(v any, most int, at string) {
	o, ok := v.(object)
	text, isText := o["text"].(string)
	switch {
	case !ok || !isText:
		c.addError("must be a text object", at)
	case o["type"] != "plain_text" && o["type"] != "mrkdwn":
		c.addError("unsupported type of text", at+"/type")
	case text == "":
		c.addError("must be more than 0 characters", at+"/text")
	case utf8.RuneCountInString(text) > most:
		c.addError(fmt.Sprintf("must be less than %d characters", most+1), at+"/text")
	}
}

func (c *blockCheck) elements(b object, at string, most int) {
	els, ok := b["elements"].([]any)
	if !ok || len(els) == 0 || len(els) > most {
		c.addError(fmt.Sprintf("must have 1 to %d elements", most), at+"/elements")
		return
	}
	ids := map[string]bool{}
	for i, e := range els {
		c.element(e, fmt.Sprintf("%s/elements/%d", at, i), ids)
	}
}

// element checks a button or another element (https://docs.slack.dev/reference/block-kit/block-elements/button-element).
func (c *blockCheck) element(v any, at string, ids map[string]bool) {
	o, ok := v.(object)
	kind, isText := o["type"].(string)
	if !ok || !isText {
		c.addError("must be an element", at)
		return
	}
	if id, ok := o["action_id"].(string); ok {
		if id == "" || utf8.RuneCountInString(id) > maxActionID {
			c.addError("action_id must have 1 to 255 characters", at+"/action_id")
		}
		if ids[id] {
			c.addError("`action_id` already exists", at+"/action_id")
		}
		ids[id] = true
	}
	if kind != "button" {
		return
	}
	c.text(o["text"], maxButton, at+"/text")
	if t, ok := o["text"].(object); ok && t["type"] != "plain_text" {
		c.addError("must be plain_text", at+"/text/type")
	}
	if value, ok := o["value"].(string); ok && utf8.RuneCountInString(value) > maxValue {
		c.addError("must be less than 2001 characters", at+"/value")
	}
	if style, ok := o["style"]; ok && style != "primary" && style != "danger" {
		c.addError("style must be primary or danger", at+"/style")
	}
}
