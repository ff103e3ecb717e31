// The smallest useful Bolt app: it reacts to a mention, answers in the thread with a button, and takes the click.
const { App } = require('@slack/bolt');

const app = new App({
  token: process.env.SLACK_BOT_TOKEN,
  appToken: process.env.SLACK_APP_TOKEN,
  socketMode: true,
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL },
});

app.event('app_mention', async ({ event, client }) => {
  await client.reactions.add({ channel: event.channel, timestamp: event.ts, name: 'eyes' });
  await client.chat.postMessage({
    channel: event.channel,
    thread_ts: event.ts,
    text: `Hello <@${event.user}>`,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: `Hello <@${event.user}>` } },
      {
        type: 'actions',
        elements: [{ type: 'button', action_id: 'wave', text: { type: 'plain_text', text: 'Wave' }, value: 'w' }],
      },
    ],
  });
});

app.action('wave', async ({ ack, body, respond }) => {
  await ack();
  await respond({ text: `<@${body.user.id}> waved`, replace_original: true });
});

app.error(async (error) => {
  console.error(error);
  process.exitCode = 1;
});

(async () => {
  await app.start();
  console.log('ready');
})();

process.on('SIGTERM', async () => {
  await app.stop();
  process.exit();
});
