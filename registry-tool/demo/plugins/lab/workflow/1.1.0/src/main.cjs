// Runs a workflow: JSON `{items, steps}` on standard input, the result on standard output.
'use strict';

// A Map and not an object, so that a step named `constructor` is unknown and not inherited.
const ACTIONS = new Map([
  ['filter', (items, { field, equals }) => items.filter((item) => item[field] === equals)],
  ['sort', (items, { by }) => [...items].sort((a, b) => compare(a[by], b[by]))],
  ['limit', (items, { count }) => items.slice(0, count)],
  ['pick', (items, { fields }) => items.map((item) => pick(item, fields))],
  ['group', (items, { by }) => group(items, by)],
  ['render', (items, { text }) => items.map((item) => fill(text, item))],
]);

function compare(a, b) {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  // Plain code unit order: the result must not depend on the machine's language.
  return String(a) < String(b) ? -1 : Number(String(a) > String(b));
}

function pick(item, fields) {
  return Object.fromEntries(fields.map((field) => [field, item[field] ?? null]));
}

function group(items, by) {
  const counts = new Map();
  for (const item of items) counts.set(item[by], (counts.get(item[by]) ?? 0) + 1);
  return [...counts].map(([value, count]) => ({ [by]: value, count }));
}

function fill(template, item) {
  return template.replace(/\{(\w+)\}/g, (_, field) => String(item[field] ?? ''));
}

// `when` skips a step unless the number of items lies between `min` and `max`.
function applies({ when: { min = 0, max = Infinity } = {} }, items) {
  return items.length >= min && items.length <= max;
}

function runWorkflow({ items, steps }) {
  return steps.reduce((current, step, index) => {
    const action = ACTIONS.get(step.do);
    if (!action) throw new Error(`step ${index + 1}: unknown action \`${step.do}\``);
    return applies(step, current) ? action(current, step) : current;
  }, items);
}

async function main() {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
  for (const item of runWorkflow(JSON.parse(text))) {
    console.log(typeof item === 'string' ? item : JSON.stringify(item));
  }
}

main().catch((error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
