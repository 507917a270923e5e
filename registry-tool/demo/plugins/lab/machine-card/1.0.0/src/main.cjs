// Prints a card about this machine for bug reports: no host name, no user name, no addresses.
'use strict';

const os = require('node:os');

const GIBIBYTE = 2 ** 30;

function card() {
  return {
    system: `${os.type()} ${os.release()}`,
    architecture: os.arch(),
    processors: os.cpus().length,
    memory_gib: Math.round(os.totalmem() / GIBIBYTE),
    runtime: `Node.js ${process.version}`,
  };
}

if (process.argv.includes('--json')) {
  console.log(JSON.stringify(card(), null, 2));
} else {
  for (const [name, value] of Object.entries(card())) console.log(`${name.padEnd(14)}${value}`);
}
