package slacktest

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// pageAnswer is one page with the cursor of the next (https://docs.slack.dev/apis/web-api/pagination).
func pageAnswer(field string, page []object, more bool, last string) object {
	if page == nil {
		page = []object{}
	}
	body := object{field: page, "response_metadata": object{"next_cursor": ""}}
	if field == "messages" {
		body["has_more"] = more
		body["pin_count"] = 0
	}
	if more {
		cursor := base64.StdEncoding.EncodeToString([]byte("next_ts:" + last))
		body["response_metadata"] = object{"next_cursor": cursor}
	}
	return body
}

// cursorOf returns where the previous page ended.
func cursorOf(c *call) (string, error) {
	cursor := c.args["cursor"]
	if cursor == "" {
		return "", nil
	}
	raw, err := base64.StdEncoding.DecodeString(cursor)
	last, ok := strings.CutPrefix(string(raw), "next_ts:")
	if err != nil || !ok {
		return "", fail("invalid_cursor")
	}
	return last, nil
}

// listPage returns one page of a list whose items are objects.
func listPage(c *call, field string, items []object, def int) (object, error) {
	from := 0
	if at, err := cursorOf(c); err != nil {
		return nil, err
	} else if at != "" {
		if from, err = strconv.Atoi(at); err != nil || from > len(items) {
			return nil, fail("invalid_cursor")
		}
	}
	to := min(len(items), from+c.args.number("limit", def, 1000))
	return pageAnswer(field, items[from:to], to < len(items), strconv.Itoa(to)), nil
}
