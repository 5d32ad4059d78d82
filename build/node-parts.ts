import type { Part } from "./contents.ts";

/** What Node calls its parts, what others call them, and their licences, as SPDX writes them. */
const PARTS: Readonly<Record<string, readonly [name: string, licence: string]>> = {
  acorn: ["acorn", "MIT"],
  ada: ["ada", "Apache-2.0 OR MIT"],
  amaro: ["amaro", "MIT"],
  ares: ["c-ares", "MIT"],
  brotli: ["brotli", "MIT"],
  cjs_module_lexer: ["cjs-module-lexer", "MIT"],
  icu: ["icu", "Unicode-3.0"],
  libffi: ["libffi", "MIT"],
  lief: ["lief", "Apache-2.0"],
  llhttp: ["llhttp", "MIT"],
  merve: ["merve", "Apache-2.0 OR MIT"],
  nbytes: ["nbytes", "MIT"],
  ncrypto: ["ncrypto", "MIT"],
  nghttp2: ["nghttp2", "MIT"],
  nghttp3: ["nghttp3", "MIT"],
  ngtcp2: ["ngtcp2", "MIT"],
  openssl: ["openssl", "Apache-2.0"],
  simdjson: ["simdjson", "Apache-2.0 OR MIT"],
  simdutf: ["simdutf", "Apache-2.0 OR MIT"],
  sqlite: ["sqlite", "blessing"],
  undici: ["undici", "MIT"],
  uv: ["libuv", "MIT"],
  uvwasi: ["uvwasi", "MIT"],
  v8: ["v8", "BSD-3-Clause"],
  zlib: ["zlib", "Zlib"],
  zstd: ["zstd", "BSD-3-Clause"],
};

/** Numbers of interfaces and of tables, and not of software. */
const NO_SOFTWARE = new Set(["node", "modules", "napi", "cldr", "tz", "unicode"]);

/** @param versions `process.versions` of that Node; values are empty for parts that it was built without. */
export const partsOfNode = (versions: Readonly<Record<string, string>>): Part["parts"] =>
  Object.entries(versions)
    .filter(([key, version]) => version !== "" && !NO_SOFTWARE.has(key))
    .map(([key, version]) => {
      const [name, licence] = PARTS[key] ?? [];
      if (!name || !licence) throw new Error(`Node has a new part, ${key}: its licence has to be looked up`);
      return { name, version, licence, purl: `pkg:generic/${name}@${encodeURIComponent(version)}` };
    });
