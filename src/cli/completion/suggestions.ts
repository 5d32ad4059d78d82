import { setTimeout as pause } from "node:timers/promises";
import { maskCommand } from "../../app/secrets/mask.ts";
import { secondsOf } from "../../app/units.ts";
import { contextNames } from "../../engine/endpoint/contexts.ts";
import { findManifest, readProcfile } from "../../oneoff/apps/manifest-file.ts";
import { aliasesNear } from "../aliases/user-aliases.ts";
import { optionsOf } from "../argv.ts";
import { COMMAND_NAMES, GLOBAL, loadShapes } from "../commands.ts";
import { commonOptions } from "../common-options.ts";
import type { Context } from "../context.ts";
import type { Kind } from "../shapes.ts";
import type { Expected, Suggestion } from "./expected.ts";
import { engineLists } from "./lookup.ts";
import { typeSuggestions } from "./type-suggestions.ts";

/** Default of ONEOFF_COMPLETION_TIMEOUT in seconds; the user waits at a prompt. */
const ENGINE_TIMEOUT_S = 0.5;

/** All suggestions, unfiltered. @throws for an invalid oneoff.yaml. */
export async function suggestions(expected: Expected, context: Context): Promise<readonly Suggestion[]> {
  const { completion } = expected;
  if (completion === "command of oneoff")
    return [...(await commandSuggestions()), ...(await aliasSuggestions(expected, context))];
  if (completion === "topic") return await topics();
  if (completion === "part") return await partsOf(expected.topic);
  if (completion === "context") return contextNames(context).map((value) => ({ value }));
  if (completion === "variable") return Object.keys(context.env).map((value) => ({ value }));
  if (typeof completion !== "string") {
    return "optionsOf" in completion
      ? await optionSuggestions(completion.optionsOf, completion.given)
      : completion.map((value) => ({ value }));
  }
  const ofEngine = await suggestionsOfEngine(completion, expected, context).catch(() => []);
  return ofEngine.length > 0 ? ofEngine : await described(completion, expected, context);
}

async function suggestionsOfEngine(kind: Kind, expected: Expected, context: Context): Promise<Suggestion[]> {
  const { ENGINE_SUGGESTIONS } = await import("./engine-suggestions.ts");
  const suggest = ENGINE_SUGGESTIONS[kind];
  if (!suggest) return [];
  await using engine = context.openEngine(expected);
  // ssh could prompt for the passphrase of a key in the middle of the command line.
  if ("sshHost" in engine.endpoint) return [];
  const timeout = secondsOf(context.env.ONEOFF_COMPLETION_TIMEOUT ?? "") ?? ENGINE_TIMEOUT_S;
  const late = pause(timeout * 1000, [], { ref: false });
  return await Promise.race([suggest({ ...expected, engine, context, lists: engineLists(engine) }), late]);
}

/** Suggestions from oneoff.yaml, without the engine. */
async function described(kind: Kind, { app, config }: Expected, context: Context): Promise<Suggestion[]> {
  const apps = (await findManifest(config, context))?.manifest.apps ?? new Map<string, never>();
  if (kind === "command") return typeSuggestions(readProcfile(apps.get(app ?? "")?.procfile, context));
  const namesApp = kind === "app" || kind === "app or one-off" || kind === "running" || kind === "logged";
  return namesApp ? Array.from(apps.keys(), (value) => ({ value, what: "oneoff.yaml" })) : [];
}

async function commandSuggestions(): Promise<Suggestion[]> {
  const shapes = await loadShapes();
  return Array.from(shapes, ([value, { describe }]) => ({ value, what: describe }));
}

/** @returns none for an invalid oneoff.yaml. */
async function aliasSuggestions({ config }: Expected, context: Context): Promise<Suggestion[]> {
  try {
    return Array.from(await aliasesNear(context, config), ([value, line]) => ({ value, what: maskCommand(line) }));
  } catch {
    return [];
  }
}

export async function topics(): Promise<Suggestion[]> {
  const { TOPICS } = await import("../topics/topics.ts");
  return [
    ...(await commandSuggestions()),
    { value: "topics", what: "The list of topics" },
    ...Array.from(TOPICS, ([value, { about }]) => ({ value, what: about })).filter(
      ({ value }) => !COMMAND_NAMES.has(value),
    ),
  ];
}

export async function partsOf(topic = ""): Promise<Suggestion[]> {
  const { TOPICS } = await import("../topics/topics.ts");
  return Array.from(TOPICS.get(topic)?.parts ?? [], ([value, { about }]) => ({ value, what: about }));
}

/** The remaining options of a command; before a command, the global options. */
async function optionSuggestions(name: string | undefined, given: ReadonlyMap<string, string>): Promise<Suggestion[]> {
  const options = name === undefined ? { ...GLOBAL, ...commonOptions } : optionsOf(await loadShapes(), name);
  return Object.entries(options)
    .filter(([name, { many }]) => many || !given.has(name))
    .map(([name, { placeholder, describe }]) => ({
      value: `--${name}`,
      what: placeholder === undefined ? describe : `${placeholder}: ${describe}`,
    }));
}
