import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { cli } from "../../src/cli/program.ts";
import {
  appNames,
  type Container,
  copyOfApp,
  filesOf,
  normalise,
  recordedContainers,
  SHARING,
  shellOf,
} from "../support/compose-apps.ts";
import { fakeContext } from "../support/fake-context.ts";
import { fakeEngine } from "../support/fake-engine.ts";
import { fakeTerminal } from "../support/fake-terminal.ts";

const apps = await appNames();
const recorded = await recordedContainers();

describe("one-off of a Compose file, compared with the recorded requests of docker compose run", () => {
  test.each(apps)("sends the same create request, for each service of %s", async (app) => {
    await using place = await copyOfApp(app);
    const names = Object.keys(recorded).filter((name) => name.startsWith(`${app}/`) && !(name in SHARING));
    const ours: Record<string, Container> = {};
    for (const name of names) {
      ours[name] = await createRequest(place.path, name.slice(app.length + 1), recorded[name] ?? {});
    }
    expect(ours).toEqual(Object.fromEntries(names.map((name) => [name, recorded[name]])));
  });
});

/** Runs a one-off on an engine that refuses to attach. */
async function createRequest(cwd: string, service: string, { Image, Mounts, Networks }: Container): Promise<Container> {
  await using engine = await fakeEngine();
  engine.always(`GET /images/${Image}/json`, 200, { Id: "sha256:i", Os: "linux", Config: {} });
  engine.always("GET /images/json", 200, []);
  engine.always("GET /containers/json", 200, []);
  engine.always("GET /networks", 200, [{ Name: "traefik_proxy", Driver: "bridge" }]);
  for (const [type, Name] of (Mounts as string[]).map((mount) => mount.split(" ")))
    if (type === "volume") engine.always(`GET /volumes/${Name}`, 200, { Name });
  engine.always("POST /networks/create", 201, { Id: "n" });
  for (const name of Networks as string[]) engine.always(`POST /networks/${name}/connect`, 200);
  engine.always("POST /containers/create", 201, { Id: "c" });
  engine.always("PUT /containers/c/archive", 200);
  engine.always("GET /containers/c/archive", 404, { message: "No such file" });
  engine.always("POST /containers/c/wait", 500, { message: "refused" });
  engine.always("POST /containers/c/attach", 500, { message: "refused" });
  engine.always("DELETE /containers/c", 204);
  const terminal = fakeTerminal({ input: "stream" });
  const context = fakeContext({ cwd, root: dirname(cwd), env: shellOf(cwd), engine, terminal });
  await cli(["run", service, "id"], context);
  const { body } = engine.requests.findLast(({ line }) => line.startsWith("POST /containers/create")) ?? {};
  if (!body?.HostConfig) throw new Error(terminal.err);
  const networks = engine.requests.flatMap(({ path }) => /^\/networks\/(.*)\/connect$/.exec(path)?.[1] ?? []);
  return normalise(body, { root: cwd, networks, files: await filesOf(engine.requests) });
}
