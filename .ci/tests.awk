# Reads the output of `go test -json`. Prints what `go test` would have printed, and the output
# of skipped and unfinished tests. Ends with a count. The exit status is 1 if a test was skipped,
# because such a test proves nothing. Failures are in the exit status of `go test` itself.

# field returns the value of a string field in the event's head, the part before its output.
function field(name,   key) {
	key = "\"" name "\":\""
	if (!match(head, key "([^\"\\\\]|\\\\.)*\"")) return ""
	return unquote(substr(head, RSTART + length(key), RLENGTH - length(key) - 1))
}

# output returns the event's output text.
function output(   at, text) {
	at = index($0, "\"Output\":\"")
	if (!at) return ""
	text = substr($0, at + 10)
	match(text, "^([^\"\\\\]|\\\\.)*")
	return unquote(substr(text, 1, RLENGTH))
}

function unquote(s) {
	if (!index(s, "\\")) return s
	gsub(/\\\\/, "\001", s)
	gsub(/\\n/, "\n", s)
	gsub(/\\t/, "\t", s)
	gsub(/\\r/, "", s)
	gsub(/\\"/, "\"", s)
	gsub(/\\u003c/, "<", s)
	gsub(/\\u003e/, ">", s)
	gsub(/\\u0026/, "\\&", s)
	gsub(/\001/, "\\", s)
	return s
}

{
	at = index($0, "\"Output\":\"")
	head = at ? substr($0, 1, at - 1) : $0
	action = field("Action")
	test = field("Test")
	id = field("Package") " " test
}

# Not an event: a process wrote directly to standard output.
action == "" { print; next }

action == "build-output" { printf "%s", output(); next }

# Output of the package, including its last line, is printed at once.
action == "output" && test == "" {
	text = output()
	if (text != "PASS\n") printf "%s", text
	fflush()
	next
}

action == "output" {
	text = output()
	if (text !~ /^=== (RUN|PAUSE|CONT|NAME) /) said[id] = said[id] text
	next
}

test == "" { next }
action == "run" { said[id] = ""; open[id] = 1; next }
action == "pass" { passed++; delete said[id]; delete open[id]; next }
action == "fail" { failed++; failures = failures "  failed   " id "\n"; printf "%s", said[id]; delete said[id]; delete open[id]; next }
action == "skip" { skipped++; skips = skips "  skipped  " id "\n"; printf "%s", said[id]; delete said[id]; delete open[id]; next }

END {
	for (id in open) {
		unfinished = unfinished "  unfinished  " id "\n"
		printf "%s", said[id]
	}
	printf "\n%d passed, %d failed, %d skipped\n", passed, failed, skipped
	printf "%s%s%s", failures, skips, unfinished
	if (skipped) print "No test may skip here: give it what it needs, or take it out."
	if (!passed) print "No test passed."
	exit (skipped || !passed)
}
