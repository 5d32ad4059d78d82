import { mapOf, record } from "../collections.ts";
import type { Env } from "../env.ts";
import type { Procfile } from "../procfile.ts";
import { rule, text, truth, verbatim, written } from "../scalars.ts";
import { either, mapped, type Shape } from "../schema.ts";
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

const buildKeys = {
  context: { shape: path("a folder"), about: "The folder; this file's unless given.", examples: ["."] },
  dockerfile: {
    shape: text(rule(/^[^\0]+$/, "the path of a Dockerfile")),
    about: "The Dockerfile, relative to the folder.",
    examples: ["Dockerfile"],
  },
  target: { shape: text(word), about: "The stage to stop at.", examples: ["production"] },
  args: {
    shape: variables,
    about: "Build arguments: a map, or a list of NAME=VALUE.",
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
  mapped(record(buildKeys), (given, _node, _name, { folder }) => ({ context: folder, ...given })),
);

const procfile: Shape<Procfile | { readonly path: string }> = either(
  mapOf(processType, verbatim(command)),
  mapped(path("a Procfile"), (path) => ({ path })),
);

/** Every key of an app. Reader, example and JSON Schema are made of this. */
export const appKeys = {
  image: {
    shape: text(reference),
    about: "The image, which is never pulled unasked.",
    examples: [`registry.example/shop:\${TAG:-latest}`],
  },
  build: {
    shape: build,
    about: "Instead of an image: the folder with the Dockerfile to build it from.",
    examples: [".", "\ncontext: .\ndockerfile: Dockerfile\ntarget: production\nargs: {NODE_ENV: production}"],
    off: true,
  },
  from: {
    shape: text(origin),
    about:
      "Instead of an image: the container to copy, by what deployed it. With an image too, that one is run in its place.",
    examples: ["compose:shop/web", "container:shop", "dokku:shop"],
    off: true,
  },
  env: {
    shape: variables,
    about: "Variables: a map, or a list of NAME=VALUE.",
    examples: [
      `\nRAILS_ENV: production\nSECRET_KEY_BASE: "\${SECRET_KEY_BASE:-}"`,
      "[RAILS_ENV=production, LOG_LEVEL=info]",
    ],
  },
  "env-file": {
    shape: oneOrMore(path("a file of variables")),
    about:
      "Files of NAME=VALUE lines, read as Compose reads them; later files override earlier ones, and env all of them.",
    examples: ["[.env, .env.production]", ".env"],
  },
  procfile: {
    shape: procfile,
    about: "Commands by process type, or the path of a Procfile.",
    examples: ["\nweb: bundle exec puma -p $PORT\nconsole: bin/rails console", "Procfile"],
  },
  "app-json": {
    shape: path("an app.json"),
    about: "The app.json that has the deploy phases.",
    examples: ["app.json"],
  },
  networks: { shape: networks, about: "The networks to join.", examples: ["[shop, databases]"] },
  mounts: {
    shape: mounts,
    about: "Volumes and folders of the host: SOURCE:TARGET[:ro], or a map.",
    examples: [
      "\n- uploads:/app/uploads\n- ./config:/app/config:ro\n- {source: ~/keys, target: /keys, read-only: true}\n- {type: tmpfs, target: /tmp}",
    ],
  },
  user: { shape: written(userName), about: "Who runs the command, as USER[:GROUP].", examples: ["1000:1000"] },
  workdir: { shape: text(insidePath), about: "The folder it starts in.", examples: ["/app"] },
  entrypoint: {
    shape: entrypoint,
    about: 'Replaces the image\'s ENTRYPOINT; "" for none.',
    examples: ["[/bin/launch, --]", "/bin/launch --", '""'],
  },
  shell: { shape: verbatim(program), about: "What runs command lines, with -c; sh unless given.", examples: ["bash"] },
  init: {
    shape: truth,
    about: "Whether a small init reaps zombies and passes signals on; true unless given.",
    examples: ["true"],
  },
  run: { shape: runDefaults, about: "What one-offs get unless told otherwise.", examples: [] },
  sizes: {
    shape: mapOf(sizeName, size),
    about:
      "Sizes for --size and formation: memory, or memory and cpus. S 256m, M 512m, L 1g and XL 2g are there anyway.",
    examples: ["\nXL: 4g\nXXL: {memory: 8g, cpus: 4}"],
  },
  formation: {
    shape: mapOf(processType, formation),
    about: "How many of each process type a deploy starts, and in which size.",
    examples: ["\nweb: 2\nworker: {quantity: 1, size: L}"],
  },
  "phase-timeout": {
    shape: phaseTimeouts,
    about: "How long a phase of a deploy may take before it is stopped, and has failed: all of them, or by name.",
    examples: ["10m", "\npredeploy: 5m\nrelease: 30m\npostdeploy: 1m\nfirst-postdeploy: 1h"],
  },
  processes: { shape: processDefaults, about: "What the processes get that a deploy starts.", examples: [] },
} as const;

export const appRecord = record(appKeys);
