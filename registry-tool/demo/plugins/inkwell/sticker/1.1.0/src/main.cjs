// Draws a sticker with the text on standard input, as SVG.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');

const SIZE = 256;
const CENTRE = SIZE / 2;

const SHAPES = new Map([
  ['circle', `<circle cx="${CENTRE}" cy="${CENTRE}" r="120"`],
  ['rounded', '<rect x="8" y="48" width="240" height="160" rx="32"'],
  ['star', `<polygon points="${starPoints(16, 124, 104)}"`],
]);

/** The corners of a star around the centre, alternating between two radii. */
function starPoints(tips, outer, inner) {
  const points = [];
  for (let index = 0; index < 2 * tips; index += 1) {
    const angle = (Math.PI * index) / tips;
    const radius = index % 2 === 0 ? outer : inner;
    const x = CENTRE + radius * Math.sin(angle);
    const y = CENTRE - radius * Math.cos(angle);
    points.push(`${x.toFixed(1)},${y.toFixed(1)}`);
  }
  return points.join(' ');
}

function escapeXml(text) {
  return text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);
}

/** Breaks a text into lines of about equal length. */
function wrap(text) {
  const limit = Math.max(8, Math.ceil(Math.sqrt(text.length * 2.5)));
  const lines = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= limit) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}

function textElements(lines, colour) {
  const longest = Math.max(...lines.map((line) => line.length));
  // Letters of a bold sans-serif face are about 0.6 em wide; 190 units are free inside every shape.
  const size = Math.min(56, Math.floor(190 / (0.6 * longest)), Math.floor(150 / lines.length));
  const top = CENTRE - ((lines.length - 1) * size * 1.15) / 2;
  return lines.map((line, index) => {
    const y = Math.round(top + index * size * 1.15);
    return `  <text x="${CENTRE}" y="${y}" font-size="${size}" fill="${colour}">${escapeXml(line)}</text>`;
  });
}

function sticker(text, shape, { background, foreground, accent }) {
  if (!SHAPES.has(shape)) throw new Error(`unknown shape \`${shape}\``);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE} ${SIZE}" font-family="sans-serif"`,
    '  font-weight="bold" text-anchor="middle" dominant-baseline="central">',
    `  <title>${escapeXml(text)}</title>`,
    `  ${SHAPES.get(shape)} fill="${background}" stroke="${accent}" stroke-width="8"/>`,
    ...textElements(wrap(text), foreground),
    '</svg>',
    '',
  ].join('\n');
}

function loadTheme(name) {
  const folder = process.env.LIBRAL_PLUGINS;
  if (folder === undefined) throw new Error('`LIBRAL_PLUGINS` does not name the folder of plugins');
  const file = path.join(folder, 'inkwell/themes/src/themes.json');
  const themes = new Map(Object.entries(JSON.parse(fs.readFileSync(file, 'utf8'))));
  if (!themes.has(name)) throw new Error(`unknown theme \`${name}\`: ${[...themes.keys()].join(', ')}`);
  return themes.get(name);
}

async function main() {
  const { values } = parseArgs({
    options: {
      shape: { type: 'string', default: 'circle' },
      theme: { type: 'string', default: 'ocean' },
      out: { type: 'string' },
    },
  });
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
  const svg = sticker(text.trim(), values.shape, loadTheme(values.theme));
  if (values.out === undefined) {
    process.stdout.write(svg);
  } else {
    // `wx`: a picture that is already there is never overwritten.
    fs.writeFileSync(values.out, svg, { flag: 'wx' });
  }
}

main().catch((error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
