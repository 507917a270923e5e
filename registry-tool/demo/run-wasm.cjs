// The host of the demo's WebAssembly plugins: `node run-wasm.cjs FILE.wasm`, text in, text out.
'use strict';

const { readFileSync } = require('node:fs');

WebAssembly.instantiate(readFileSync(process.argv[2])).then(({ instance: { exports: plugin } }) => {
  const input = readFileSync(0);
  new Uint8Array(plugin.memory.buffer, plugin.input.value).set(input);
  const length = plugin.run(input.length);
  process.stdout.write(Buffer.from(plugin.memory.buffer, plugin.output.value, length));
});
