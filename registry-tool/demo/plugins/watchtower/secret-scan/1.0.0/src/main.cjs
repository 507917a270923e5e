// Looks for credentials in the text on standard input and names the places, never the secret.
'use strict';

const KNOWN_SHAPES = [
  ['aws-access-key', /\bAKIA[0-9A-Z]{16}\b/g],
  ['github-token', /\bgh[pousr]_[A-Za-z0-9]{36}\b/g],
  ['private-key', /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/g],
  ['json-web-token', /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/g],
  ['password-in-url', /\b[a-z][a-z+]*:\/\/[^\s/:@]+:[^\s/:@]{3,}@/g],
];

const RANDOM_LOOKING = /[A-Za-z0-9+/_=-]{24,}/g;

// Bits for each character. Random Base64 of 24 characters has more than 4, English words under 3.5,
// and hexadecimal digits can never pass 4: checksums do not alarm.
const MINIMUM_ENTROPY = 4.1;

function entropy(text) {
  const counts = new Map();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

function* findSecrets(line) {
  const known = [];
  for (const [rule, pattern] of KNOWN_SHAPES) {
    for (const { 0: text, index } of line.matchAll(pattern)) {
      known.push([index, index + text.length]);
      yield { rule, column: index + 1, length: text.length };
    }
  }
  for (const { 0: text, index } of line.matchAll(RANDOM_LOOKING)) {
    const overlaps = known.some(([start, end]) => index < end && start < index + text.length);
    if (!overlaps && entropy(text) >= MINIMUM_ENTROPY) {
      yield { rule: 'random-text', column: index + 1, length: text.length };
    }
  }
}

async function main() {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
  let total = 0;
  for (const [index, line] of text.split('\n').entries()) {
    for (const { rule, column, length } of findSecrets(line)) {
      console.log(`${index + 1}:${column}: ${rule}, ${length} characters`);
      total += 1;
    }
  }
  console.log(total === 0 ? 'nothing found' : `${total} found`);
}

main();
