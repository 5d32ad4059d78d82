import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";
import { deferredModules } from "./deferred-modules.ts";

/**
 * Substitutes for modules that a start-up snapshot cannot contain, or that are too large for their use:
 * a snapshot may hold no Intl object, no binding of node:http or node:http2, and no real `createRequire`.
 */
const SUBSTITUTES: ReadonlyMap<RegExp, string> = new Map([
  ...deferredModules,
  // undici asks node:http for two constants, and node:http2 for nothing while no connection speaks HTTP/2.
  [/^(node:)?http$/, `module.exports = { maxHeaderSize: 16384, METHODS: ${JSON.stringify(httpMethods())} };`],
  [/^(node:)?http2$/, "module.exports = { constants: {} };"],
  // No engine speaks HTTP/2.
  [/\/client-h2\.js$/, "module.exports = () => { throw new Error('no HTTP/2 here'); };"],
  // No request has a form or another body of the Fetch standard.
  [/\/web\/(fetch\/(body|formdata)(\.js)?|webidl)$/, "module.exports = { webidl: { is: { FormData: () => false } } };"],
  // Replaced by `undici/web-assembly.ts`.
  [/\/llhttp(_simd)?-wasm\.js$/, ""],
  // yargs would use it to load commands and translations.
  [/^(node:)?module$/, 'module.exports = { createRequire: () => () => { throw new Error("no require here"); } };'],
  // Help is ASCII and a few arrows: code points equal columns.
  [/^string-width$/, "export default (text) => Array.from(text.replace(/\\u001b\\[[0-9;]*m/g, '')).length;"],
  // Of undici, only the client and its requests: no fetch, no WebSocket.
  [
    /^undici$/,
    `import Dispatcher from "undici/lib/dispatcher/dispatcher.js";
     import Client from "undici/lib/dispatcher/client.js";
     import request from "undici/lib/api/api-request.js";
     Object.assign(Dispatcher.prototype, { request });
     export { Client };`,
  ],
]);

export const substitutes: Plugin = {
  name: "substitutes",
  setup(build) {
    for (const [filter, contents] of SUBSTITUTES) {
      build.onResolve({ filter }, ({ path }) => ({ path, namespace: "substitute" }));
      build.onLoad({ filter, namespace: "substitute" }, () => ({ contents, resolveDir: import.meta.dirname }));
    }
    build.onLoad({ filter: /undici\/lib\/dispatcher\/client-h1\.js$/ }, async ({ path }) => ({
      contents: `const WebAssembly = require(${JSON.stringify(fileURLToPath(import.meta.resolve("./undici/web-assembly.ts")))});
        ${await readFile(path, "utf8")}`,
    }));
  },
};

function httpMethods(): string[] {
  return ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];
}
