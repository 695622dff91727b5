// Builds the page's library and template into the Python package.
import {createHash} from 'node:crypto';
import {copyFile, mkdir, readFile, readdir, writeFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';

import {build, transform} from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const assets = '../cleaners/visualization/assets/';
const licence = await readFile(here('node_modules/three/LICENSE'), 'utf8');

// A test compares it, so that no change of a source is left without a build.
async function sourceDigest() {
  const names = (await readdir(here('src'))).sort().map((name) => `src/${name}`);
  const hash = createHash('sha256');
  for (const name of ['build.mjs', 'package-lock.json', ...names]) {
    hash.update(await readFile(here(name)));
  }
  return hash.digest('hex');
}

await mkdir(here(assets), {recursive: true});
await build({
  entryPoints: [here('src/main.js')],
  outfile: here(`${assets}scene_viewer.js`),
  bundle: true,
  minify: true,
  format: 'iife',
  // the oldest browsers that unpack `deflate-raw` and know `light-dark()`
  target: ['chrome123', 'firefox120', 'safari17.5'],
  charset: 'utf8',
  legalComments: 'none',
  banner: {js: '/*! The scene viewer of CleanerS (Apache-2.0), built from ' +
    `${await sourceDigest()}, with three.js:\n${licence}*/`},
});
const page = await readFile(here('src/page.html'), 'utf8');
const css = await readFile(here('src/style.css'), 'utf8');
const style = await transform(css, {loader: 'css', minify: true});
await writeFile(here(`${assets}scene_page.html`),
                page.replace('{{style}}', () => style.code.trim()));
await copyFile(here('node_modules/three/LICENSE'),
               here(`${assets}THREE_LICENSE`));
