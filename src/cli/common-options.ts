import { COLOR_CHOICES } from "../output/style.ts";
import { choice } from "./choice.ts";
import { CI_SERVICES } from "./reporting.ts";

const GLOBAL = "Global options:";

/** Options that every command has. */
export const commonOptions = {
  color: {
    type: "string",
    placeholder: "WHEN",
    completion: COLOR_CHOICES,
    describe: "Use colour: auto, always or never (default auto)",
    group: GLOBAL,
  },
  context: {
    type: "string",
    placeholder: "NAME",
    completion: "context",
    describe: "Docker context to use (default $DOCKER_CONTEXT)",
    group: GLOBAL,
  },
  help: { type: "boolean", alias: "h", describe: "Show this help", group: GLOBAL },
  host: {
    type: "string",
    placeholder: "URL",
    completion: "file",
    alias: "H",
    describe: "Engine to connect to (default $DOCKER_HOST)",
    group: GLOBAL,
  },
  "no-pager": { type: "boolean", describe: "Do not use a pager", group: GLOBAL },
} as const;

/** Options of commands that report progress. */
export const reportOptions = {
  ci: {
    type: "string",
    placeholder: "SERVICE",
    completion: CI_SERVICES,
    describe: "Log format: github, gitlab or none (default: detect)",
  },
  json: { type: "boolean", describe: "Print events as JSON, one per line" },
  quiet: { type: "boolean", alias: "q", describe: "Print errors only" },
} as const;

export const formatOption = {
  format: {
    type: "string",
    placeholder: "FORMAT",
    completion: ["text", "json"],
    describe: "Output format: text or json (default text)",
  },
} as const;

export const appOption = {
  app: {
    type: "string",
    placeholder: "APP",
    completion: "app",
    alias: "a",
    describe: "App (default: the first argument)",
  },
} as const;

/** Of commands whose argument is a one-off. */
export const appOfOneoffOption = {
  app: { ...appOption.app, describe: "App of the one-off (default: search all apps)" },
} as const;

export const configOption = {
  config: {
    type: "string",
    placeholder: "FILE",
    completion: "file",
    describe: "Use this oneoff.yaml (default: the nearest one)",
  },
} as const;

/** @returns whether `--format json` is set. @throws OneoffError for any other value. */
export const wantsJson = (format: string | undefined, command: string): boolean =>
  format !== undefined && choice("--format", format, ["text", "json"], command) === "json";
