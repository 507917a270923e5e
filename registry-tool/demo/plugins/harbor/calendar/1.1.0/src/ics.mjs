// Reads and writes iCalendar (RFC 5545): the events of a calendar as plain objects.

/** A line that begins with a blank continues the one before it. */
function unfold(text) {
  return text.replace(/\r?\n[ \t]/g, '').split(/\r?\n/);
}

/** `DTSTART;TZID=Europe/Berlin:20260302T090000` as name, parameters and value. */
function parseLine(line) {
  // A colon or semicolon inside quotes belongs to a parameter's value.
  const match = /^([\w-]+)((?:;[\w-]+=(?:"[^"]*"|[^";:]*))*):(.*)$/.exec(line);
  if (!match) return null;
  const [, name, list, value] = match;
  const parameters = new Map();
  for (const [, key, quoted, plain] of list.matchAll(/;([\w-]+)=(?:"([^"]*)"|([^";:]*))/g)) {
    parameters.set(key.toUpperCase(), quoted ?? plain);
  }
  return { name: name.toUpperCase(), parameters, value };
}

function unescapeText(value) {
  return value.replace(/\\([\\;,nN])/g, (_, escaped) => (/n/i.test(escaped) ? '\n' : escaped));
}

/** `20260302T090000Z` becomes `2026-03-02T09:00:00Z`, and `20260302` a date alone. */
function parseTime(value) {
  const match = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?$/.exec(value);
  if (!match) throw new Error(`\`${value}\` is not a date or time`);
  const [, year, month, day, hour, minute, second, zone] = match;
  const date = `${year}-${month}-${day}`;
  return hour === undefined ? date : `${date}T${hour}:${minute}:${second}${zone}`;
}

function readProperty(event, { name, parameters, value }) {
  if (name === 'UID') event.uid = value;
  if (name === 'SUMMARY') event.title = unescapeText(value);
  if (name === 'LOCATION') event.location = unescapeText(value);
  if (name === 'DESCRIPTION') event.notes = unescapeText(value);
  if (name === 'RRULE') event.repeats = value;
  if (name === 'DTEND') event.end = parseTime(value);
  if (name === 'DTSTART') {
    event.start = parseTime(value);
    if (parameters.has('TZID')) event.zone = parameters.get('TZID');
  }
}

/** The events of an iCalendar text, in the order of their start. */
export function parse(text) {
  const events = [];
  // Components nest, and an alarm inside an event has a DESCRIPTION of its own.
  const open = [];
  for (const line of unfold(text)) {
    const property = parseLine(line);
    if (property === null) continue;
    if (property.name === 'BEGIN') {
      open.push(property.value.toUpperCase());
      if (open.at(-1) === 'VEVENT') events.push({});
    } else if (property.name === 'END') {
      open.pop();
    } else if (open.at(-1) === 'VEVENT') {
      readProperty(events.at(-1), property);
    }
  }
  const start = (event) => event.start ?? '';
  return events.sort((a, b) => (start(a) < start(b) ? -1 : Number(start(a) > start(b))));
}

const MAXIMUM_OCTETS = 75;

/** Breaks a line at 75 octets, between characters; the blank of a continuation counts as well. */
function fold(line) {
  // Otherwise a `uid` or `zone` could smuggle in properties of its own.
  if (/[\r\n]/.test(line)) throw new Error('only texts may hold line breaks');
  let folded = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > MAXIMUM_OCTETS) {
      folded += '\r\n ';
      octets = 1;
    }
    folded += character;
    octets += size;
  }
  return `${folded}\r\n`;
}

function escapeText(value) {
  return value.replace(/[\\;,]/g, '\\$&').replace(/\r?\n/g, '\\n');
}

function timeProperty(name, time, zone) {
  const value = time.replace(/[-:]/g, '');
  if (!value.includes('T')) return `${name};VALUE=DATE:${value}`;
  // A time in UTC says so itself and takes no zone.
  return zone === undefined || value.endsWith('Z') ? `${name}:${value}` : `${name};TZID=${zone}:${value}`;
}

function eventLines(event, stamp) {
  const { uid, title, location, notes, repeats, start, end, zone } = event;
  if (uid === undefined || start === undefined) throw new Error('an event needs `uid` and `start`');
  const lines = ['BEGIN:VEVENT', `UID:${uid}`, timeProperty('DTSTAMP', stamp)];
  lines.push(timeProperty('DTSTART', start, zone));
  if (end !== undefined) lines.push(timeProperty('DTEND', end, zone));
  if (repeats !== undefined) lines.push(`RRULE:${repeats}`);
  if (title !== undefined) lines.push(`SUMMARY:${escapeText(title)}`);
  if (location !== undefined) lines.push(`LOCATION:${escapeText(location)}`);
  if (notes !== undefined) lines.push(`DESCRIPTION:${escapeText(notes)}`);
  lines.push('END:VEVENT');
  return lines;
}

/** An iCalendar text of events; `stamp` is when it was made, in UTC. */
export function format(events, stamp) {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Harbor//Calendar 1.1.0//EN',
    ...events.flatMap((event) => eventLines(event, stamp)),
    'END:VCALENDAR',
  ];
  return lines.map(fold).join('');
}
