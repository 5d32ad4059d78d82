import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { realCompose } from "../support/compose.ts";
import { containers } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { type Bench, BINARY, type Case, IMAGE, onEngine } from "./bench.ts";
import { inTurns, notMeasured, type Row, type Target } from "./measure.ts";
import { time } from "./process.ts";
import { until } from "./until.ts";

const PROJECT = "com.docker.compose.project=bench";

const ALONE = "run true of a Compose service, against docker compose run --rm";
const DEPENDENT = "the same of a service that depends on a healthy database";

/** The services run: oneoff copies the container of one, and Compose reads its file. */
const COMPOSE_FILE = `
name: bench
services:
  alone: &service
    image: ${IMAGE}
    command: [sleep, "100000"]
    init: true
    environment: {RAILS_ENV: production}
    volumes: ["data:/data"]
  dependent:
    <<: *service
    depends_on: {db: {condition: service_healthy}}
  db:
    <<: *service
    healthcheck: {test: "true", interval: 1s}
volumes: {data: }
`;

const measureWith =
  (plugin: string): Case =>
  async ({ host, client, env, pairs }: Bench): Promise<Row[]> => {
    await using project = await folder({ "compose.yaml": COMPOSE_FILE });
    await using config = await folder({ "cli-plugins/.keep": "" });
    await symlink(plugin, join(config.path, "cli-plugins/docker-compose"));
    const where = { cwd: project.path, env: { ...env, DOCKER_CONFIG: config.path } };
    await time([client, "compose", "up", "--detach"], where);
    const running = await containers(host, PROJECT);
    const measure = (argv: readonly string[]) => async () => {
      const ms = await time(argv, where);
      const settled = async () => (await containers(host, PROJECT)).length === running.length;
      await until("only the services are left", settled);
      return ms;
    };
    const against = async (name: string, service: string, target?: Target): Promise<Row> => {
      const ours = measure([BINARY, "run", service, "true"]);
      const theirs = measure([client, "compose", "run", "--rm", "-T", service, "true"]);
      for (const warmUp of [ours, theirs]) await warmUp();
      return { case: name, unit: "ms", ...(await inTurns(pairs(20), ours, theirs)), ...(target && { target }) };
    };
    return [
      await against(ALONE, "alone"),
      // Compose looks at the health of a dependency only after half a second.
      await against(DEPENDENT, "dependent", { of: "ratio", atMost: 0.5 }),
    ];
  };

export const compose: Case = async (bench) => {
  const { program, needed } = await realCompose();
  if (program === undefined) return notMeasured([ALONE, DEPENDENT], needed.meta?.lacks);
  return await onEngine(bench, "docker-28.5", [ALONE, DEPENDENT], measureWith(program));
};
