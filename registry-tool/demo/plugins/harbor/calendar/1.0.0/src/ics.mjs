// Reads iCalendar (RFC 5545): the events of a calendar as plain objects.

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
