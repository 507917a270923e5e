// Lets tuf-js read a repository.
//
//     node client.cjs HOME URL TIME < targets
//
// HOME holds `root.json`, the root that is trusted, and from the first run on all that tuf-js keeps.
// The metadata are refreshed as of TIME. Then each target that a line of the input names is looked
// for, fetched, and printed with the SHA-256 of what came. After a `?` it is not fetched, and printed
// with the SHA-256 that is listed. A target that nobody vouches for is `unknown`.

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { Updater } = require('tuf-js');

async function read(home, url, now, wanted) {
  const targets = path.join(home, 'targets');
  fs.mkdirSync(targets, { recursive: true });
  const updater = new Updater({
    metadataDir: home,
    metadataBaseUrl: `${url}/metadata`,
    targetDir: targets,
    targetBaseUrl: `${url}/targets`,
    config: { fetchRetry: 0 },
  });
  // The start of the update, with which every expiry is compared, is decided here.
  updater.trustedSet.referenceTime = now;
  await updater.refresh();
  for (const line of wanted) {
    const name = line.replace(/^\?/, '');
    const info = await updater.getTargetInfo(name);
    if (info === undefined) {
      console.log(`unknown ${name}`);
      continue;
    }
    if (line !== name) {
      console.log(`${info.hashes.sha256} ${name}`);
      continue;
    }
    const file = (await updater.findCachedTarget(info)) ?? (await updater.downloadTarget(info));
    console.log(`${createHash('sha256').update(fs.readFileSync(file)).digest('hex')} ${name}`);
  }
}

const [home, url, time] = process.argv.slice(2);
const wanted = fs.readFileSync(0, 'utf8').split('\n').filter((line) => line !== '');
read(home, url, new Date(time), wanted).catch((error) => {
  console.error(`refused: ${error.name}: ${error.message}`);
  process.exitCode = 1;
});
