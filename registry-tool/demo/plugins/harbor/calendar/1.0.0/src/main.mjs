// iCalendar on standard input, its events as JSON on standard output.

import { parse } from './ics.mjs';

let text = '';
for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
console.log(JSON.stringify(parse(text), null, 2));
