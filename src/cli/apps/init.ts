import { Buffer } from "node:buffer";
import { basename, join } from "node:path";
import { loadComposeProject } from "../../app/compose/load-project.ts";
import { initManifest } from "../../app/init/init.ts";
import { type ComposeServices, composeServices } from "../../app/init/init-compose.ts";
import type { EngineApp, InitFindings } from "../../app/init/init-draft.ts";
import { parseManifest } from "../../app/manifest/manifest.ts";
import { parseProcfile } from "../../app/procfile.ts";
import { decodeText } from "../../app/text.ts";
import { listContainers } from "../../engine/containers.ts";
import type { EndpointOptions } from "../../engine/endpoint/endpoint-chain.ts";
import { appIncomplete, appsLeftOut, manifestExists } from "../../errors/app.ts";
import { untrustedSource } from "../../errors/apps.ts";
import { linesOf, OneoffError, warning } from "../../errors/error.ts";
import { unreadable, unwritable } from "../../errors/files.ts";
import { matchDeployers } from "../../oneoff/apps/candidates.ts";
import { distrustReason } from "../../oneoff/apps/manifest-trust.ts";
import type { Report } from "../../output/events.ts";
import { command, type Flags } from "../command.ts";
import { commonOptions } from "../common-options.ts";
import type { Context } from "../context.ts";

const options = {
  print: { type: "boolean", describe: "Print it without writing the file" },
  quiet: { type: "boolean", alias: "q", describe: "Print errors only" },
  ...commonOptions,
} as const;

export const initCommand = command({
  options,
  topic: "config",
  usage: "oneoff init [options]",
  describe: "Generate oneoff.yaml from Compose, Dockerfile and containers",
  examples: [
    ["oneoff init", "never overwrites a file"],
    ["oneoff init --print", "print it only"],
  ],
  most: 0,
  handle: (flags, _args, context) => init(flags, context),
});

async function init(flags: Flags<typeof options>, context: Context): Promise<number> {
  const { print } = flags;
  const path = join(context.cwd, "oneoff.yaml");
  if (!print && context.exists(path)) throw manifestExists(path);
  const report = context.report(flags);
  const files = filesIn(context);
  const found = { ...files, apps: await appsThere(flags, context, report) };
  const { text, apps, partial, skipped } = initManifest(found);
  if (print) context.terminal.stdout.write(text);
  else create(path, text, context);
  checkVariables(text, path, context, report);
  for (const { name, notIncluded } of partial) report(warning(appIncomplete(name, notIncluded)));
  if (skipped.length > 0) report(warning(appsLeftOut(skipped)));
  if (!print) report({ type: "config-written", file: "oneoff.yaml", apps });
  return 0;
}

function filesIn(context: Context): Omit<InitFindings, "apps"> {
  const { cwd, exists, readFile, fileTrust } = context;
  const read = (file: string, what: string) => {
    const why = distrustReason(fileTrust(file));
    if (why !== undefined) throw untrustedSource(file, why);
    try {
      return readFile(file);
    } catch (error) {
      throw unreadable(what, file, error);
    }
  };
  const folderName = basename(cwd);
  const here = (name: string) => exists(join(cwd, name));
  const compose = composeIn(context);
  const procfile = join(cwd, "Procfile");
  return {
    folderName,
    ...(compose && { compose }),
    ...(here("Procfile") && {
      procfile: { types: [...parseProcfile(decodeText(read(procfile, "procfile"), procfile), procfile).keys()] },
    }),
    dockerfile: here("Dockerfile"),
  };
}

/** The services of the Compose file in the working folder, whatever their profiles. */
function composeIn({ cwd, env, exists, readFile, fileTrust }: Context): ComposeServices | undefined {
  const files = {
    ...{ cwd, env, readFile },
    exists: (path: string) => path.startsWith(join(cwd, "/")) && exists(path),
    distrust: (path: string) => distrustReason(fileTrust(path)),
  };
  const enabled = loadComposeProject({ keepsVariables: true }, files);
  if (!enabled) return undefined;
  const services = [...Object.keys(enabled.project.services), ...enabled.disabled];
  const all = enabled.disabled.length > 0 && loadComposeProject({ keepsVariables: true, services }, files);
  return composeServices(all || enabled, { folder: cwd, home: env.HOME, exists });
}

/** Apps with a container; none without an engine, which is not required. */
async function appsThere(options: EndpointOptions, context: Context, report: Report): Promise<EngineApp[]> {
  const apps = new Map<string, EngineApp>();
  try {
    await using engine = context.openEngine(options);
    for (const container of await listContainers(engine, {})) {
      const [mark] = matchDeployers(container);
      if (!mark) continue;
      const app = { pick: `${mark.from}:${mark.app}`, name: mark.app, image: container.Image };
      const running = container.State === "running";
      if (running || !apps.has(app.pick)) apps.set(app.pick, { ...app, running });
    }
  } catch (error) {
    if (!(error instanceof OneoffError) || error.kind === "usage") throw error;
    report(warning([...linesOf(error), "oneoff.yaml is generated from files only"]));
  }
  return [...apps.values()].sort((a, b) => (a.pick < b.pick ? -1 : 1));
}

function create(path: string, text: string, { createFile }: Context): void {
  try {
    createFile(path, text);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "EEXIST" ? manifestExists(path) : unwritable(path, error);
  }
}

/** Copied settings may need variables that are set only during a deploy. */
function checkVariables(text: string, path: string, { env }: Context, report: Report): void {
  try {
    parseManifest(Buffer.from(text), path, env);
  } catch (error) {
    report(warning(["oneoff.yaml is not valid yet:", ...linesOf(error)]));
  }
}
