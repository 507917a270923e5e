// Webhook requests as plain objects, so that other plugins can make and show them without sending.
'use strict';

const ENDPOINT = 'https://hooks.example.org';

function request({ channel, title, body }) {
  if (!/^[a-z0-9-]+$/.test(channel)) throw new Error(`\`${channel}\` is not a channel name`);
  return {
    method: 'POST',
    url: `${ENDPOINT}/${channel}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ title, text: body }),
  };
}

module.exports = { request };
