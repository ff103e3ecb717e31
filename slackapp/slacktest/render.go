package slacktest

// RenderThread is a thread as people see it.
func (s *Server) RenderThread(channelID, root string) string { return channelID + root }
