import { COLOR_CHOICES } from "../output/style.ts";
import { choice } from "./choice.ts";
import { CI_SERVICES } from "./reporting.ts";

/** Those that every command has. */
export const commonOptions = {
  host: {
    type: "string",
    takes: "file",
    alias: "H",
    describe: "Where the engine listens [DOCKER_HOST]",
    group: "Other:",
  },
  context: {
    type: "string",
    takes: "context",
    describe: "The docker context to use [DOCKER_CONTEXT]",
    group: "Other:",
  },
  color: {
    type: "string",
    takes: COLOR_CHOICES,
    describe: "Colour what people read: auto (the default), always, or never",
    group: "Other:",
  },
  help: { type: "boolean", alias: "h", describe: "Show this", group: "Other:" },
  "no-pager": { type: "boolean", describe: "Show it at once, however long it is", group: "Other:" },
} as const;

/** Of what takes a while, and is told as it goes. */
export const reportOptions = {
  json: {
    type: "boolean",
    describe: "Write what happens to stdout, an event a line: oneoff help events",
    group: "Output:",
  },
  ci: {
    type: "string",
    takes: CI_SERVICES,
    describe: "Write for the log of github or gitlab, or none [as the job is]",
    group: "Output:",
  },
  quiet: { type: "boolean", alias: "q", describe: "Say nothing but errors", group: "Other:" },
} as const;

export const formatOption = {
  format: { type: "string", takes: ["text", "json"], describe: "text (the default), or json", group: "Output:" },
} as const;

export const appOption = {
  app: { type: "string", takes: "app", alias: "a", describe: "The app, when it does not come first", group: "App:" },
} as const;

export const configOption = {
  config: { type: "string", takes: "file", describe: "Use this oneoff.yaml, not the nearest one", group: "App:" },
} as const;

/** @returns whether JSON is wanted. */
export const wantsJson = (format: string | undefined, command: string): boolean =>
  format !== undefined && choice("--format", format, ["text", "json"], command) === "json";
