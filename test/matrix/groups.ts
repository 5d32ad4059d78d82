import { basename } from "node:path";

/** The columns of the table: the subjects of the test files. */
export const GROUPS = {
  run: [
    ...[
      "run",
      "run-options",
      "streams",
      "tty",
      "signals",
      "exit-after-output",
      "files",
      "print",
      "output",
      "hostile-text",
    ],
    ...["concurrent", "engine-death", "faults", "odd-answers", "missing-init"],
    ...["binary", "seeds", "support", "strange-hosts"],
  ],
  "one-offs": [
    ...["attach", "detached", "kept-output", "idle-proxy", "logs", "app-logs", "exec", "stop"],
    ...["ps", "ps-watch", "process-names", "cp", "lock", "reap", "cron", "cron-schedulers"],
    ...["swarm-commands", "swarm-logs", "swarm-locks", "swarm-reap", "swarm-task"],
  ],
  apps: [
    "apps",
    "herokuish",
    ...["swarm", "swarm-deploy", "swarm-deploy-nodes", "swarm-images", "swarm-local", "swarm-nodes", "swarm-run"],
    "swarm-operations",
    "swarm-apps",
    "swarm-worker",
    "compose",
    "compose-config",
    "compose-env",
    "compose-apps",
    "compose-init",
    "compose-file",
    "app-commands",
    "init",
    "swarm-faults",
    "properties",
    "selftest",
    "examples",
  ],
  deploys: [
    ...[
      "deploy",
      "deploy-progress",
      "deploy-app-json",
      "deploy-faults",
      "deploy-images",
      "deploy-procfile",
      "deploy-traffic",
      "reboot",
    ],
    ...["build", "load", "phase", "releases", "schedule", "schedule-address", "process-commands"],
  ],
} as const;

export type Group = keyof typeof GROUPS;

/** The files that prove most in the least time. */
export const QUICK = ["run", "attach", "detached", "kept-output", "exec", "cp", "deploy"].map(
  (name) => `test/e2e/${name}.test.ts`,
);

/** @param file of tests. */
export function groupOf(file: string): Group {
  const name = basename(file, ".test.ts");
  const found = Object.entries(GROUPS).find(([, names]) => (names as readonly string[]).includes(name));
  if (!found) throw new Error(`${file} belongs to no column of the matrix: name it in test/matrix/groups.ts`);
  return found[0] as Group;
}

/** These tests do not depend on which engine runs. */
export const ENGINELESS = [
  ...["install", "install-archive", "endpoints", "release", "deno", "ci", "completion", "pull", "man", "pager"],
].map((name) => `test/e2e/${name}.test.ts`);

/** The files that bound the duration of a run, the longest first. */
export const LONGEST = [
  "test/e2e/deploy-faults.test.ts",
  "test/engine/schedule.test.ts",
  ...["apps", "concurrent", "deploy", "signals", "streams", "reap", "deploy-traffic", "engine-death", "faults"].map(
    (name) => `test/e2e/${name}.test.ts`,
  ),
];
