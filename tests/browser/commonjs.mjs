// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A package of CommonJS modules as one module for a browser: what it requires,
// and what that requires, each in a function of its own.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const REQUIRE = /\brequire\(\s*(["'])([^"']+)\1\s*\)/g;

async function collect(path, modules) {
  const { resolve } = createRequire(path);
  const text = await readFile(path, 'utf8');
  const names = {};

  modules.set(path, { text, names });
  for (const [, , name] of text.matchAll(REQUIRE)) {
    names[name] = resolve(name);
    if (!modules.has(names[name])) {
      await collect(names[name], modules);
    }
  }
}

/* @name: of a package in the node_modules of @folder */
export async function bundle(folder, name) {
  const entry = createRequire(join(folder, 'page.js')).resolve(name);
  const modules = new Map();

  await collect(entry, modules);
  const parts = [...modules].map(([path, { text, names }]) =>
    `${JSON.stringify(path)}: { names: ${JSON.stringify(names)},
run: (module, exports, require) => {
${text}
} },`);

  return `const modules = {
${parts.join('\n')}
};

function load(path) {
  const found = modules[path];

  if (!found.module) {
    found.module = { exports: {} };
    found.run(found.module, found.module.exports,
      (name) => load(found.names[name]));
  }
  return found.module.exports;
}

export default load(${JSON.stringify(entry)});
`;
}
