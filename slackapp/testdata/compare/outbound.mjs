// Sends the answers of bridge/markdown/testdata/answers through the npm package @chat-adapter/slack, for comparison.
// slackapp/README.md has the figures and the commands. With a second argument it prints each answer with code changed.
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {SlackFormatConverter} from '@chat-adapter/slack';

// expand writes an answer in full, as testdata/README.md describes.
function expand(source) {
  const crlf = source.startsWith('%crlf\n');
  let md = (crlf ? source.slice(6) : source).replace(/^%repeat (\d+) (.*\n)/gm, (_, n, line) =>
    Array.from({length: Number(n)}, (_, i) => line.replaceAll('⏎', '\n').replaceAll('{n}', i + 1)).join(''));
  md = md.replace(/%long (\d+) (.*)/g, (_, size, what) => {
    if (what.includes(' ')) what += ' ';
    return what.repeat(Math.floor(size / Buffer.byteLength(what)) + 1).trimEnd();
  });
  return crlf ? md.replaceAll('\n', '\r\n') : md;
}

const converter = new SlackFormatConverter();
const counts = {answers: 0, 'code changed': 0, 'a mention that notifies': 0, 'more than 12,000 characters': 0};
for (const file of readdirSync(process.argv[2]).filter((name) => name.endsWith('.txtar'))) {
  const pieces = readFileSync(join(process.argv[2], file), 'utf8').split(/^-- (.*) --\n/m).slice(1);
  for (let i = 0; i < pieces.length; i += 4) {
    const payload = converter.toSlackPayload({markdown: expand(pieces[i + 1])});
    const text = payload.markdown_text ?? payload.text ?? JSON.stringify(payload);
    const keeps = pieces[i + 3].split('\n');
    counts.answers++;
    const code = keeps.filter((k) => k.startsWith('code: ')).map((k) => k.slice(6));
    if (!code.every((c) => text.includes(c) || text.includes(c.replaceAll('|', '\\|')))) {
      counts['code changed']++;
      if (process.argv[3]) console.log(file, pieces[i], code, text.slice(0, 300));
    }
    if (keeps.some((k) => k.includes('¦') && text.includes(k.match(/<[!@]¦\w+/)[0].replace('¦', '')))) {
      counts['a mention that notifies']++;
    }
    if (text.length > 12_000) counts['more than 12,000 characters']++;
  }
}
console.table(counts);
