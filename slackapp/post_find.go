package slackapp

import (
	"context"

	"github.com/agenbridge/agenbridge/bridge"
	"github.com/agenbridge/agenbridge/slackapp/webapi"
)

// FindPost returns the ts of our newest post with the key in the thread, empty if there is none. Slack's history lags
// behind our posts by some seconds. If the thread doesn't exist, it looks in the channel, where the post landed then: a post
// found there is ClassThreadDeleted, and where there is none either, the fault is ClassNotFound. The errors are Faults.
func (a *App) FindPost(ctx context.Context, thread bridge.ThreadKey, key string) (string, error) {
	at, err := a.aliases.locationOf(thread)
	if err != nil {
		return "", err
	}
	found := ""
	take := func(msg slackMessage, p postMetadata) {
		if p.Key == key {
			found = msg.TS
		}
	}
	if err = a.visitOwnPosts(ctx, at, take); webapi.ErrorCode(err) != "thread_not_found" {
		return found, err
	}
	unreadable := err
	if err = a.visitOwnPosts(ctx, location{channel: at.channel}, take); err != nil {
		return "", err
	}
	if found == "" {
		return "", notFound(unreadable)
	}
	return found, &bridge.Fault{Class: bridge.ClassThreadDeleted, Err: errMisplaced}
}

// OwnPosts returns our own posts in the thread in their order. The errors are Faults.
func (a *App) OwnPosts(ctx context.Context, thread bridge.ThreadKey) ([]bridge.OwnPost, error) {
	at, err := a.aliases.locationOf(thread)
	if err != nil {
		return nil, err
	}
	var posts []bridge.OwnPost
	err = a.visitOwnPosts(ctx, at, func(msg slackMessage, p postMetadata) {
		posts = append(posts, bridge.OwnPost{TS: msg.TS, Key: p.Key, Session: p.Session, With: p.With})
	})
	return posts, err
}

// visitOwnPosts visits our own posts in a thread, or among the newest messages of a channel. The error is a Fault.
func (a *App) visitOwnPosts(ctx context.Context, at location, visit func(msg slackMessage, p postMetadata)) error {
	me, err := a.auth.identity(ctx)
	if err != nil {
		return err
	}
	look := func(msg slackMessage) error {
		if m := msg.Metadata; me.isOurs(msg) && m.EventType == metadataType {
			visit(msg, m.Payload)
		}
		return nil
	}
	if at.root == "" {
		return a.readNewest(ctx, at.channel, look)
	}
	return a.readThread(ctx, at, readOptions{metadata: true}, look)
}
