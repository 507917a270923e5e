// Posts the message on standard input to a channel; without `--send` it only shows the request.
'use strict';

const { request } = require('./message.cjs');

async function main() {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
  const { url, ...options } = request(JSON.parse(text));
  if (!process.argv.includes('--send')) {
    console.log(`${options.method} ${url}\n\n${options.body}`);
    return;
  }
  const response = await fetch(url, options);
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  console.log('sent');
}

main().catch((error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
