import { cron } from "../cron/cron-keys.ts";
import type { Env } from "../env.ts";
import type { Procfile } from "../procfile.ts";
import { mapOf, record } from "../schema/collections.ts";
import { rule, text, truth, verbatim, written } from "../schema/scalars.ts";
import { either, mapped, type Shape } from "../schema/schema.ts";
import { mounts } from "./manifest-mounts.ts";
import { phaseTimeouts } from "./manifest-phases.ts";
import { processDefaults } from "./manifest-processes.ts";
import { formation, runDefaults, size } from "./manifest-run.ts";
import {
  command,
  entrypoint,
  insidePath,
  networks,
  oneOrMore,
  origin,
  path,
  processType,
  program,
  reference,
  sizeName,
  userName,
  variables,
  word,
} from "./manifest-shapes.ts";
import { swarmKeys } from "./manifest-swarm.ts";

const buildKeys = {
  context: {
    shape: path("a folder"),
    about: "Build context folder.",
    default: "the folder of oneoff.yaml",
    examples: ["."],
  },
  dockerfile: {
    shape: text(rule(/^[^\0]+$/, "the path of a Dockerfile")),
    about: "Dockerfile, relative to the context.",
    default: "Dockerfile",
    examples: ["Dockerfile"],
  },
  target: {
    shape: text(word),
    about: "Build stage to stop at.",
    default: "the last stage",
    examples: ["production"],
  },
  args: {
    shape: variables,
    about: "Build arguments, as a map or a list of NAME=VALUE.",
    examples: ["{NODE_ENV: production}"],
  },
} as const;

/** How to build an image. */
export interface Build {
  readonly context: string;
  /** Relative to the context. */
  readonly dockerfile?: string;
  readonly target?: string;
  readonly args?: Env;
}

const build: Shape<Build> = either(
  mapped(path("a folder"), (context): Build => ({ context })),
  mapped(record(buildKeys), (settings, _node, _name, { folder }) => ({ context: folder, ...settings })),
);

const procfile: Shape<Procfile | { readonly path: string }> = either(
  mapOf(processType, verbatim(command)),
  mapped(path("a Procfile"), (path) => ({ path })),
);

/** Every key of an app: the parser, the example and the JSON Schema are generated from this table. */
export const appKeys = {
  image: {
    shape: text(reference),
    about: "Image to run. oneoff pulls it only with --pull.",
    examples: [`registry.example/shop:\${TAG:-latest}`],
  },
  build: {
    shape: build,
    about: "Folder or settings that `oneoff deploy` builds the image from. Excludes image and from.",
    examples: ["."],
    off: true,
  },
  from: {
    shape: text(origin),
    about: "Container to copy, as SOURCE:NAME. With image, the copy runs that image.",
    examples: ["compose:shop/web", "container:shop", "dokku:shop", "kamal:shop/web", "swarm:shop_web", "oneoff:shop"],
    off: true,
  },
  env: {
    shape: variables,
    about: "Environment variables, as a map or a list of NAME=VALUE.",
    examples: [
      `\nRAILS_ENV: production\nSECRET_KEY_BASE: "\${SECRET_KEY_BASE:-}"`,
      "[RAILS_ENV=production, LOG_LEVEL=info]",
    ],
  },
  "env-file": {
    shape: oneOrMore(path("a file of variables")),
    about: "Env files as in Docker Compose. Later files override earlier files; env overrides all files.",
    examples: ["[.env, .env.production]", ".env"],
  },
  procfile: {
    shape: procfile,
    about: "Command of each process type, or the path of a Procfile.",
    default: "the Procfile of the release, image or build context",
    examples: ["\nweb: bundle exec puma -p $PORT\nconsole: bin/rails console", "Procfile"],
  },
  "app-json": {
    shape: path("an app.json"),
    about: "Path of app.json (oneoff help app-json).",
    default: "app.json in the build context, or in the image's WORKDIR",
    examples: ["app.json"],
  },
  networks: {
    shape: networks,
    about: "Networks to join.",
    default: "the networks of the copied container, or the engine's default network",
    examples: ["[shop, databases]"],
  },
  mounts: {
    shape: mounts,
    about: "Volumes and bind mounts: SOURCE:TARGET[:ro], or a map of type, source, target and read-only.",
    examples: [
      "\n- uploads:/app/uploads\n- ./config:/app/config:ro\n- {source: ~/keys, target: /keys, read-only: true}\n- {type: tmpfs, target: /tmp}",
    ],
  },
  user: {
    shape: written(userName),
    about: "User that runs the command, as USER[:GROUP].",
    default: "the image's USER",
    examples: ["1000:1000"],
  },
  workdir: {
    shape: text(insidePath),
    about: "Working directory of the command.",
    default: "the image's WORKDIR",
    examples: ["/app"],
  },
  entrypoint: {
    shape: entrypoint,
    about: 'Entrypoint, as words or a list; "" removes the image\'s ENTRYPOINT.',
    default: "the image's ENTRYPOINT",
    examples: ["[/bin/launch, --]", "/bin/launch --", '""'],
  },
  shell: {
    shape: verbatim(program),
    about: "Shell that runs command lines with -c.",
    default: "sh; bash, if present, for phases and interactive shells",
    examples: ["bash"],
  },
  init: {
    shape: truth,
    about: "Run an init process as PID 1 that reaps zombies and forwards signals.",
    default: "true",
    examples: ["true"],
  },
  run: { shape: runDefaults, about: "Settings of one-offs. Options of `oneoff run` override them.", examples: [] },
  sizes: {
    shape: mapOf(sizeName, size),
    about: "Sizes for --size and formation: memory, or a map of memory (required) and cpus.",
    default: "S 256m, M 512m, L 1g, XL 2g",
    examples: ["\nXL: 4g\nXXL: {memory: 8g, cpus: 4}"],
  },
  formation: {
    shape: mapOf(processType, formation),
    about: "Quantity of each process type, or a map of quantity and size. `oneoff scale` overrides it.",
    default: "formation of app.json, or one web process",
    examples: ["\nweb: 2\nworker: {quantity: 1, size: L}"],
  },
  "phase-timeout": {
    shape: phaseTimeouts,
    about: "Time limit of all deploy phases, or of each. A phase that exceeds it is stopped and fails.",
    default: "none",
    examples: ["10m"],
  },
  cron: {
    shape: cron,
    about: "Tasks on a schedule (oneoff help cron): a list as in app.json, a map, or install.",
    default: "cron of app.json",
    examples: ["install", '\n- {command: bin/report, schedule: "@daily"}'],
  },
  processes: { shape: processDefaults, about: "Settings of deployed processes.", examples: [] },
  ...swarmKeys,
} as const;

export const appRecord = record(appKeys);
