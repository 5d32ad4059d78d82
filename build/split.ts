import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import { build, type Metafile, type OutputFile, type Plugin, transform } from "esbuild";
import { type Bundle, compact, footer, options } from "./bundle.ts";
import type { Origin } from "./origin.ts";

/** What begins the snapshot, and what its start may import dynamically and finds in it. */
const HOT: ReadonlySet<string> = new Set([
  "build/snapshot.ts",
  "src/cli/run/run.ts",
  "src/cli/oneoffs/exec.ts",
  "src/oneoff/swarm/services/find-service.ts",
]);

/**
 * Splits the program at its dynamic imports. The heap of a snapshot costs time at every start, used or not: a third of it
 * is what `run` and `exec` need.
 * @param outfile the part of the snapshot; the others are beside it.
 */
export async function split(outfile: string, origin: Origin): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
    ...(await options(origin)),
    entryPoints: ["build/snapshot.ts"],
    outdir: ".",
    format: "esm",
    splitting: true,
    write: false,
  });
  const texts = new Map(outputFiles.map((file) => [basename(file.path), file]));
  const hot = hotParts(metafile);
  await bundleHot(outfile, hot, texts);
  const assets: Record<string, string> = {};
  for (const [name, { text }] of texts) {
    if (hot.has(name)) continue;
    assets[name] = `${outfile}.${name}`;
    writeFileSync(assets[name], await coldPart(text));
  }
  return { metafile, assets };
}

/** What the outputs that the hot entries import statically export, by their names. */
function hotParts({ outputs }: Metafile): ReadonlyMap<string, readonly string[]> {
  const found = new Set<string>();
  const visit = (path: string) => {
    if (found.has(path)) return;
    found.add(path);
    for (const { kind, path: next, external } of outputs[path]?.imports ?? [])
      if (kind === "import-statement" && !external) visit(next);
  };
  for (const [path, { entryPoint }] of Object.entries(outputs)) if (HOT.has(entryPoint ?? "")) visit(path);
  return new Map(Array.from(found, (path) => [basename(path), outputs[path]?.exports ?? []]));
}

/**
 * Joins the hot parts, and gives them to the cold ones, but only when a cold one is loaded: in the snapshot, each export of an
 * object is a function.
 */
async function bundleHot(
  outfile: string,
  hot: ReadonlyMap<string, readonly string[]>,
  texts: ReadonlyMap<string, OutputFile>,
) {
  const plugin: Plugin = {
    name: "parts",
    setup(build) {
      build.onResolve({ filter: /^\.\/[^/]+\.js$/ }, ({ path }) => ({
        path: basename(path),
        namespace: hot.has(basename(path)) ? "hot" : "cold",
      }));
      build.onLoad({ filter: /./, namespace: "hot" }, ({ path }) => ({ contents: texts.get(path)?.text ?? "" }));
      build.onLoad({ filter: /./, namespace: "cold" }, ({ path }) => ({
        contents: `module.exports = globalThis.loadPart(${JSON.stringify(path)});`,
      }));
    },
  };
  const parts = Array.from(hot, ([name, exports], at) => {
    const local = (exported: string) => `part${at}_${exported}`;
    return {
      imports: `import { ${exports.map((exported) => `${exported} as ${local(exported)}`).join(", ")} } from "./${name}";\n`,
      open: `${JSON.stringify(name)}: () => ({ ${exports.map((exported) => `${exported}: ${local(exported)}`).join(", ")} })`,
    };
  });
  const imports = parts.map((part) => part.imports).join("");
  const opened = parts.map((part) => part.open).join(", ");
  await build({
    stdin: { contents: `${imports}globalThis.loadPart = ${LOADER}({ ${opened} }, require);\n` },
    ...compact,
    outfile,
    bundle: true,
    format: "cjs",
    plugins: [plugin],
    footer,
  });
}

/** Loads a part from the binary, once, with all that it imports. Node's own modules are loaded only here: they are large. */
const LOADER = `((hot, builtin, loaded = {}) => function load(name) {
  if (Object.hasOwn(loaded, name)) return loaded[name];
  if (Object.hasOwn(hot, name)) return loaded[name] = hot[name]();
  const { Script } = builtin("node:vm");
  const text = builtin("node:sea").getAsset(name, "utf8");
  const part = { exports: {} };
  loaded[name] = part.exports;
  const start = new Script(text, { filename: "oneoff/" + name }).runInThisContext();
  start(part, part.exports, (path) => path.startsWith("./") ? load(path.slice(2)) : builtin(path));
  return loaded[name] = part.exports;
})`;

/** A part that the loader can run: imports between parts become calls of the loader. */
async function coldPart(text: string): Promise<string> {
  const { code } = await transform(text, {
    ...compact,
    format: "cjs",
    supported: { "dynamic-import": false },
  });
  return `(function (module, exports, require) {${code}\n})`;
}
