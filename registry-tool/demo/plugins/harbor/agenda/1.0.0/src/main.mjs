// The events of one day as Markdown, from iCalendar on standard input.

import path from 'node:path';
import { pathToFileURL } from 'node:url';

async function loadCalendar() {
  const folder = process.env.LIBRAL_PLUGINS;
  if (folder === undefined) throw new Error('`LIBRAL_PLUGINS` does not name the folder of plugins');
  // A file URL, since Windows paths are no module specifiers.
  return import(pathToFileURL(path.join(folder, 'harbor/calendar/src/ics.mjs')));
}

function agenda(events, day) {
  const today = events.filter((event) => event.start?.startsWith(day));
  const lines = today.map(({ start, title, location }) => {
    const time = start.slice(11, 16) || 'all day';
    return `- **${time}** ${title ?? 'untitled'}${location ? ` (${location})` : ''}`;
  });
  return [`# ${day}`, '', ...(lines.length > 0 ? lines : ['Nothing planned.'])].join('\n');
}

async function main([day = new Date().toISOString().slice(0, 10)]) {
  const { parse } = await loadCalendar();
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
  console.log(agenda(parse(text), day));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
