// Sends the messages of slackapp/content/testdata/corpus through the npm package @chat-adapter/slack, for comparison.
// slackapp/README.md has the figures and the commands. With a second argument it prints what is missing of each.
//
// A message is changed if a line of its text, a piece of code, a link or a styled span of its meaning isn't in what the
// package makes of it. Another structure and added lines are no change. The bridge's own words in a meaning, such as
// "(menu: …)", need not be there.
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {SlackAdapter} from '@chat-adapter/slack';

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

// mrkdwn is the text that Slack sends beside the rich text of a person, as far as we know it. The corpus leaves it out,
// and of blocks the package reads only tables.
function mrkdwn(e) {
  const inner = (separator = '') => (e.elements ?? []).map(mrkdwn).join(separator);
  const linked = (label) => (e.url ? `<${escaped(e.url)}${label ? `|${escaped(label)}` : ''}>` : escaped(label ?? ''));
  switch (e.type) {
    case 'rich_text':
      return inner('\n');
    case 'rich_text_list': {
      const items = e.elements.map((c, i) => {
        const mark = e.style === 'ordered' ? `${i + 1 + (e.offset ?? 0)}.` : '•';
        return `${'    '.repeat(e.indent ?? 0)}${mark} ${mrkdwn(c)}`;
      });
      return items.join('\n').replace(/^/gm, e.border ? '&gt; ' : '');
    }
    case 'rich_text_quote':
      return inner().replace(/^/gm, '&gt; ');
    case 'rich_text_preformatted':
      return '```' + inner() + '```';
    case 'user':
      return styled(`<@${e.user_id}>`, e.style);
    case 'usergroup':
      return `<!subteam^${e.usergroup_id}>`;
    case 'channel':
      return `<#${e.channel_id}>`;
    case 'broadcast':
      return `<!${e.range}>`;
    case 'emoji':
      return `:${e.name}:${e.skin_tone ? `:skin-tone-${e.skin_tone}:` : ''}`;
    case 'date':
      return `<!date^${e.timestamp}^${e.format}${e.url ? `^${e.url}` : ''}|${e.fallback ?? '2014-02-18 14:39 UTC'}>`;
    case 'color':
      return e.value;
    default:
      return e.elements ? inner() : styled(linked(e.text), e.style);
  }
}

function styled(text, style = {}) {
  if (style.code) text = `\`${text}\``;
  for (const [name, mark] of [['strike', '~'], ['italic', '_'], ['bold', '*']]) {
    if (style[name]) text = text.replace(/\S(.*\S)?/g, mark + '$&' + mark);
  }
  return text;
}

// event is a message of the corpus as Slack sends it.
function event(source) {
  const message = source.startsWith('{') ? JSON.parse(source) : {text: source.replace(/\n$/, '')};
  const rich = (message.blocks ?? []).filter((b) => b.type === 'rich_text');
  if (!message.bot_id && !message.text && rich.length > 0) message.text = rich.map(mrkdwn).join('\n');
  for (const a of message.attachments ?? []) a.mrkdwn_in ??= ['pretext', 'text', 'fields'];
  return {type: 'message', user: 'U2', channel: 'C1', ts: '1.0', ...message};
}

// names are those that the test knows. The package would ask Slack.
const names = {'@U1': '@AnnLee', '@UBOT': '@agen', '@S1': '@ops', '#C1': '#dev'};
const compact = (text) => text.replace(/\s+/g, '').replace(/[@#](?:U1|UBOT|S1|C1)/g, (id) => names[id]);
const address = (url) => encodeURI(decodeURI(url)).replace(/^mailto:/, '');
const kinds = {strong: 'b', emphasis: 'i', delete: 's'};

// shown collects what a document of the package has.
function shown(node, found = {text: '', code: [], links: [], b: '', i: '', s: ''}, styles = []) {
  const within = kinds[node.type] ? [...styles, kinds[node.type]] : styles;
  if (node.type === 'code' || node.type === 'inlineCode') found.code.push(node.value);
  if (node.type === 'link') found.links.push(address(node.url));
  const words = compact(node.value ?? node.alt ?? '');
  found.text += words;
  for (const style of within) found[style] += words;
  for (const child of node.children ?? []) shown(child, found, within);
  return found;
}

// meant collects what a meaning of the corpus has: lines of text, code, links and spans.
function meant(meaning) {
  const want = {lines: [], code: [], links: [], spans: []};
  const running = (text) => {
    let flat = '';
    for (let i = 0; i < text.length; i++) {
      const kind = text[i] === '{' && text[i + 2] === ' ' && 'bislc'.includes(text[i + 1]) && text[i + 1];
      if (!kind) {
        flat += text[i];
        continue;
      }
      let end = i + 1;
      for (let depth = 1; depth > 0; end++) depth += {'{': 1, '}': -1}[text[end]] ?? 0;
      let inner = text.slice(i + 3, end - 1);
      if (kind === 'l') {
        const [url, ...label] = inner.split(' ');
        want.links.push(address(url));
        inner = running(label.join(' ') || url);
      } else if (kind === 'c') {
        want.code.push(inner);
      } else {
        inner = running(inner);
        want.spans.push([kind, compact(inner)]);
      }
      flat += inner;
      i = end - 1;
    }
    return flat;
  };
  for (const line of meaning.split('\n').slice(0, -2)) { // the last is "After it", which the test adds
    const code = line.match(/^ *(?:indented )?code (\S*) ?(".*")$/);
    if (code) want.code.push(JSON.parse(code[2]).replace(/\n$/, ''));
    const words = line.match(/^ *(?:p|h\d|row) (.*)$/);
    if (words) want.lines.push(...running(words[1]).split(/ ⏎ | ¦ |<br>| · /).map(plain));
  }
  return want;
}

// plain is a line of text without the bridge's own words.
function plain(line) {
  return compact(line.replace(/^- |¦|\(color: .*\)|\[a block of type .*? here\]/, '')
    .replace(/\((?:button|menu|image|file|Links in this code): (.*)\)/, '$1').replace(/(image|video|call): /g, ''));
}

const adapter = new SlackAdapter({botToken: 'x', signingSecret: 'x', botUserId: 'UBOT'});
const counts = {messages: 0, changed: 0, text: 0, code: 0, links: 0, spans: 0};
for (const file of readdirSync(process.argv[2]).filter((name) => name.endsWith('.txtar'))) {
  const pieces = readFileSync(join(process.argv[2], file), 'utf8').split(/^-- (.*) --\n/m).slice(1);
  for (let i = 0; i < pieces.length; i += 4) {
    const found = shown(adapter.parseMessage(event(pieces[i + 1])).formatted);
    const want = meant(pieces[i + 3]);
    const missing = {
      text: want.lines.filter((line) => !found.text.includes(line)),
      code: want.code.filter((code) => !found.code.some((c) => c.trim() === code.trim())),
      links: want.links.filter((url) => !found.links.includes(url)),
      spans: want.spans.filter(([kind, text]) => !found[kind].includes(text)),
    };
    counts.messages++;
    for (const what in missing) if (missing[what].length > 0) counts[what]++;
    if (Object.values(missing).some((m) => m.length > 0)) {
      counts.changed++;
      if (process.argv[3]) console.log(file, pieces[i], JSON.stringify(missing));
    }
  }
}
console.table(counts);
