package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"slices"
	"testing"
)

const readmePicture = "playground/testdata/playground.png"

// shrink rewrites a screenshot with its 256 most frequent colors, to keep the repository small.
func shrink(t *testing.T, path string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	shot, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	small := image.NewPaletted(shot.Bounds(), colours(shot))
	draw.Draw(small, small.Rect, shot, small.Rect.Min, draw.Src)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, small); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// colours returns the most frequent colors. Similar colors are counted together.
func colours(shot image.Image) color.Palette {
	count, group := map[color.Color]int{}, map[[3]uint32]color.Color{}
	for y := shot.Bounds().Min.Y; y < shot.Bounds().Max.Y; y++ {
		for x := shot.Bounds().Min.X; x < shot.Bounds().Max.X; x++ {
			r, g, b, _ := shot.At(x, y).RGBA()
			like := [3]uint32{r >> 11, g >> 11, b >> 11}
			if group[like] == nil {
				group[like] = shot.At(x, y)
			}
			count[group[like]]++
		}
	}
	all := slices.SortedFunc(maps.Keys(count), func(a, b color.Color) int { return count[b] - count[a] })
	return all[:min(256, len(all))]
}

// mentions sends the agent a message with the keyboard, and follows its progress.
func mentions(v *visit) {
	v.press("Tab")
	v.sees("the link past the channels", `document.activeElement.className === "skip"`)
	v.press("Enter")
	v.sees("the message box", `document.activeElement.id === "compose-channel-text"`)
	v.write("@ag")
	v.sees("Agen's name on offer", has("[role=option][aria-selected=true]", "Agen"))
	v.press("Enter")
	v.write("please find out why TestLogin fails and fix it")
	v.press("Enter")
	v.sees("the thread", `document.activeElement && !document.getElementById("thread").hidden`)
	v.sees("a reaction", `document.querySelector("#replies [data-reaction]")`)
	v.sees("the card", has("#replies .message.app", "asked by"))
	v.sees("its link to the session", `document.querySelector("#replies a[href^='/session/ses']")`)
	v.sees("the answer", has("#replies .message.app li", "TestLogin reads the clock twice"))
	// The states in between may be skipped on a busy machine, which is allowed.
	v.sees("the end of the work on the card", has("#replies .message.app", "branch fix/test-login"))
	v.sees("that it is dealt with", `document.querySelector("#replies [data-reaction=white_check_mark]")`)
	v.sees("the only copy", has("#replies .stands", "at Agen once"))
	v.sees("what is read out", `document.getElementById("said").textContent !== ""`)
	v.sees("the mention on the wire", has("#wire li", "app_mention"))
	v.keep("ordinary")
}

// asked answers a question of the agent with a button, by keyboard.
func asked(v *visit) {
	v.says(threadBox, "Please ask me where to fix it")
	v.sees("the question", has("#replies .message.app", "Where shall I fix it?"))
	v.sees("its sign on the root", `document.querySelector("#replies [data-reaction=raising_hand]")`)
	v.sees("that the card says so", has("#replies .message.app", "Waiting for an answer"))
	v.keep("question")
	if *picture {
		v.sees("the end of the thread", `(() => { const r = document.getElementById("replies"); return r.scrollHeight - r.scrollTop - r.clientHeight < 2; })()`)
		v.shoot(readmePicture)
		shrink(v.t, readmePicture)
	}
	v.eval(lastWith("#replies .body button", "Both")+`.focus()`, nil)
	v.press("Enter")
	v.sees("that the buttons are gone", "!("+has("#replies .body button", "Both")+")")
	v.sees("what the agent makes of it", has("#replies .message.app", "Both it is"))
	v.says(threadBox, "Merge it")
	v.sees("the outcome", has("#replies .message.app", "Merged: Read the clock once into main"))
	v.sees("its sign on the root", `document.querySelector("#replies [data-reaction=twisted_rightwards_arrows]")`)
}

// changes edits one message and deletes another.
func changes(v *visit) {
	v.says(threadBox, "Chnge the changelog, too")
	v.sees("what the agent makes of it", has("#replies .message.app", "Chnge the changelog"))
	v.eval(fmt.Sprintf(`document.getElementById(%q).focus()`, threadBox), nil)
	v.press("ArrowUp")
	v.sees("the message in a box", `document.activeElement.id === "editor-text" && document.activeElement.value.includes("Chnge")`)
	v.eval(`document.activeElement.select()`, nil)
	v.write("Change the changelog, too")
	v.press("Enter")
	v.sees("the new text", has("#replies .message", "Change the changelog, too (edited)"))

	v.says(threadBox, "!aside this one goes away")
	v.eval(`document.getElementById("replies").focus()`, nil)
	v.press("End")
	v.sees("the message with the focus", `document.activeElement.textContent.includes("goes away")`)
	for range 4 { // skips two emoji and the edit button
		v.press("Tab")
	}
	v.sees("the button that deletes with the focus", `document.activeElement.dataset.tool === "delete"`)
	v.press("Enter")
	v.sees("the question whether to", `document.getElementById("sure").open`)
	v.click("the answer", `document.querySelector("#sure button[value=yes]")`)
	v.sees("that it is gone", "!("+has("#replies .message", "goes away")+")")
}

// chooses answers a question whose options don't fit on buttons.
func chooses(v *visit) {
	v.says(threadBox, "Choose a time zone")
	v.sees("the list", `document.querySelector("#replies .body select").options.length > 7`)
	v.keep("list")
	v.eval(`(() => { const s = document.querySelector("#replies .body select");
		s.value = [...s.options].find((o) => o.text.includes("Tokyo")).value;
		s.dispatchEvent(new Event("change", { bubbles: true })); })()`, nil)
	v.sees("what the agent makes of it", has("#replies .message.app", "Asia/Tokyo it is"))
}

// faults switches on every fault, and wants all messages to arrive in the end.
func faults(v *visit) {
	for _, kind := range []string{"limits", "lost", "again"} {
		v.click("the switch", `document.getElementById("weather-`+kind+`")`)
		v.sees("that it is on", `document.getElementById("weather-`+kind+`").ariaChecked === "true"`)
	}
	for _, text := range []string{"First in the rain", "Second in the rain", "Third in the rain"} {
		v.says(threadBox, text)
	}
	v.sees("the faults among the requests", `document.querySelectorAll("#wire .bad").length > 0`)
	v.keep("weather")
	for _, kind := range []string{"limits", "lost", "again"} {
		v.click("the switch", `document.getElementById("weather-`+kind+`")`)
		v.sees("that it is off", `document.getElementById("weather-`+kind+`").ariaChecked === "false"`)
	}
	for _, text := range []string{"First in the rain", "Second in the rain", "Third in the rain"} {
		v.sees("one copy", lastWith("#replies .message:not(.app)", text)+`?.querySelector(".stands.there")`)
	}
	v.sees("that nothing is there twice", `document.querySelector("#ledger div:last-child dd").textContent === "0"`)
}

// kills kills the bridge, sends a message, and starts the bridge again.
func kills(v *visit) {
	v.click("the button that kills", `document.getElementById("bridge-act")`)
	v.sees("that it is down", `document.querySelector("#bridge-state.down")`)
	v.says(threadBox, "Is anybody there?")
	v.sees("that it waits", has("#replies .stands.way", "on its way"))
	v.click("the button that starts", `document.getElementById("bridge-act")`)
	v.sees("that it is up", `document.querySelector("#bridge-state.up")`)
	v.sees("one copy", lastWith("#replies .message:not(.app)", "Is anybody there?")+`?.querySelector(".stands.there")`)
}

// absent makes Agen unreachable for a while.
func absent(v *visit) {
	down := `document.getElementById("weather-down")`
	v.click("the switch", down)
	v.sees("that it is on", down+`.ariaChecked === "true"`)
	v.says(threadBox, "Are you there, Agen?")
	v.sees("the sign of an outage", lastWith("#replies .message:not(.app)", "Are you there, Agen?")+`?.querySelector("[data-reaction=electric_plug]")`)
	v.click("the switch", down)
	v.sees("one copy", lastWith("#replies .message:not(.app)", "Are you there, Agen?")+`?.querySelector(".stands.there")`)
}

func darkens(v *visit) {
	v.size(1440, 900, true)
	v.sees("dark colours", `getComputedStyle(document.body).backgroundColor === "rgb(26, 29, 33)"`)
	v.keep("dark")
}

// phones looks at all panes on a small screen, none of which may scroll horizontally.
func phones(v *visit) {
	v.size(1000, 720, false)
	v.sees("that there is a button for what doesn't fit", `getComputedStyle(document.getElementById("lab-toggle")).display !== "none" &&
		getComputedStyle(document.getElementById("lab")).display === "none"`)
	v.keep("medium")
	v.size(390, 844, false)
	fits := `document.scrollingElement.scrollWidth <= 390 && [...document.querySelectorAll(".messages")]
		.every((e) => e.scrollWidth <= e.clientWidth)`
	v.sees("the thread alone", `getComputedStyle(document.getElementById("channel")).display === "none"`)
	v.sees("a thread that fits", fits)
	v.keep("phone-thread")
	v.click("the button that closes", `document.getElementById("thread-close")`)
	v.sees("the channel", `document.getElementById("thread").hidden`)
	v.sees("a channel that fits", fits)
	v.keep("phone")
	v.click("the panel of faults", `document.getElementById("lab-toggle")`)
	v.sees("what is behind the scenes", `document.querySelector("#lab.out") && `+fits)
	v.keep("phone-weather")
	v.press("Escape")
	v.sees("that it is closed", `!document.querySelector("#lab.out") && document.activeElement.id === "lab-toggle"`)
	v.click("the menu", `document.getElementById("menu")`)
	v.sees("the channels", `document.querySelector("#side.out") && `+fits)
	v.press("Escape")
}

// others sends messages as a guest and in a direct message, and asks for a long answer.
func others(v *visit) {
	v.click("Kim", `document.querySelector("#me input[value=U0KIM]")`)
	v.says(threadBox, "Could the login page be pink?")
	v.sees("the private note", has("#replies .message.private", "Your message wasn't sent to the agent"))
	v.sees("that it was told", has("#replies .stands.said", "told why"))
	v.keep("guest")
	v.click("Bob", `document.querySelector("#me input[value=U0BOB]")`)
	v.sees("that the note is Kim's alone", `!document.querySelector(".message.private")`)
	v.says(threadBox, "Please refuse this one")
	v.sees("the note that says why", has("#replies .message.app", "there is no environment named staging"))
	v.sees("that it was told", lastWith("#replies .message", "refuse this one")+`?.querySelector("[data-reaction=warning]")`)
	v.click("the button of the note", lastWith("#replies .body button", "Try again"))
	v.sees("one copy", lastWith("#replies .message:not(.app)", "refuse this one")+`?.querySelector(".stands.there")`)
	v.click("the direct conversation", `document.querySelector("#directs a")`)
	v.sees("that it is open", `document.getElementById("channel-name").textContent === "Agen"`)
	v.says(channelBox, "A long answer, please")
	v.click("the replies", lastWith("#messages .replies", "repl"))
	v.sees("a table", `document.querySelector("#replies table td.right")`)
	v.sees("code", has("#replies pre", "cookieFor"))
	v.keep("long")
	v.sees("a link to the session", `document.querySelector("#replies a[href^='/session/']")`)
	back, session := "", ""
	v.eval(`location.href`, &back)
	v.eval(`document.querySelector("#replies a[href^='/session/']").href`, &session)
	v.call("Page.navigate", args{"url": session}, nil)
	v.sees("what Agen has", has("main.timeline li.user_message pre", "Bob writes in Slack"))
	v.keep("session")
	v.open(back)
	v.sees("Bob again", `document.querySelector("#me input[value=U0BOB]").checked`)
	chooses(v)
	v.click("the channel", `document.querySelector("#channels a")`)
	v.click("Ann", `document.querySelector("#me input[value=U0ANN]")`)
	v.click("the thread", lastWith("#messages .replies", "repl"))
}
