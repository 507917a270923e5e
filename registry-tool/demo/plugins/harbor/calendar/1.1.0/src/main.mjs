// iCalendar on standard input becomes JSON; with `--write`, JSON becomes iCalendar.

import { format, parse } from './ics.mjs';

let text = '';
for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;

if (process.argv.includes('--write')) {
  // Whole seconds: iCalendar knows no fractions.
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  process.stdout.write(format(JSON.parse(text), now));
} else {
  console.log(JSON.stringify(parse(text), null, 2));
}
