// Holds the SARIF log on standard input against the official schema of version 2.1.0.
"use strict";

const { readFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const Ajv = require("ajv");

const matchers = dirname(require.resolve("@microsoft/jest-sarif/package.json"));
const schema = JSON.parse(readFileSync(join(matchers, "lib/schemas/sarif-2.1.0-rtm.5.json"), "utf8"));
// The schema is written in draft 4 of JSON Schema but for `id`, which Ajv does not need.
const ajv = new Ajv({ schemaId: "auto", meta: false, allErrors: true, logger: false, unknownFormats: "ignore" });
ajv.addMetaSchema(require("ajv/lib/refs/json-schema-draft-07.json"));
delete schema.$schema;
const validate = ajv.compile(schema);
if (!validate(JSON.parse(readFileSync(0, "utf8")))) {
  console.error(JSON.stringify(validate.errors, null, 2));
  process.exit(1);
}
