// @module-tag full
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseComposeEnv } from "../../src/app/compose-env.ts";
import { needs } from "../support/capabilities.ts";
import { realCompose } from "../support/compose.ts";
import {
  appNames,
  type Container,
  copyOfApp,
  prepareApp,
  prepareEngine,
  recordedContainers,
  SHARING,
} from "../support/compose-apps.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { observeRun } from "../support/observed-run.ts";
import { BINARY } from "../support/oneoff-suite.ts";

const compose = await realCompose();
const apps = await appNames();
const recorded = await recordedContainers();

let engine: TestEngine;
beforeAll(async () => {
  // A private engine, because the projects have fixed names.
  engine = await startEngine();
  await prepareEngine(engine.host);
});
afterAll(() => engine[Symbol.asyncDispose]());

/** Settings of a container by the keys that oneoff.yaml cannot express. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  annotations: ["Annotations"],
  blkio_config: ["BlkioWeight"],
  cgroup: ["CgroupnsMode"],
  configs: ["Files"],
  cpu_period: ["CpuPeriod"],
  cpu_quota: ["CpuQuota"],
  cpu_shares: ["CpuShares"],
  cpuset: ["CpusetCpus"],
  "deploy.resources.reservations": ["DeviceRequests", "MemoryReservation"],
  device_cgroup_rules: ["DeviceCgroupRules"],
  dns_opt: ["DnsOptions"],
  dns_search: ["DnsSearch"],
  domainname: ["Domainname"],
  // A file that does not exist.
  "env-file": [],
  external_links: ["Links"],
  gpus: ["DeviceRequests"],
  links: ["Links"],
  mem_reservation: ["MemoryReservation"],
  mem_swappiness: ["MemorySwappiness"],
  memswap_limit: ["MemorySwap"],
  oom_score_adj: ["OomScoreAdj"],
  runtime: ["Runtime"],
  secrets: ["Files"],
  stop_grace_period: ["StopTimeout"],
  sysctls: ["Sysctls"],
  userns_mode: ["UsernsMode"],
  uts: ["UTSMode"],
};

/** Files with variables that Compose reads for itself. */
const ENV_FILES = [".env", "database/.env", "runner/versions.env"];

async function composeVariables(cwd: string): Promise<Record<string, string>> {
  let variables: Record<string, string> = {};
  for (const file of ENV_FILES) {
    const bytes = await readFile(join(cwd, file)).catch(() => undefined);
    if (bytes)
      variables = { ...Object.fromEntries(parseComposeEnv(bytes, file, { inherited: {}, unset() {} })), ...variables };
  }
  return variables;
}

/** Without what the comments of oneoff.yaml name. */
function reduced(container: Container | undefined, leftOut: readonly string[]): unknown {
  const fields = leftOut.flatMap((one) => {
    const [key = ""] = one.split(" ");
    return key === "mounts" ? [] : (LEFT_OUT[key] ?? [`No such key: ${key}`]);
  });
  const targets = leftOut.flatMap((one) => /^mounts "(.*)"$/.exec(one)?.[1] ?? []);
  const { Mounts = [], Env = [], ...others } = container ?? {};
  return {
    ...Object.fromEntries(Object.entries(others).filter(([name]) => !fields.includes(name))),
    Mounts: (Mounts as string[])
      .filter((mount) => !targets.some((target) => mount.includes(` ${target} `)))
      // Before Docker 23 a typed mount with a propagation does not create its source.
      .map((mount) => mount.replace(" created rprivate", " rprivate")),
    // An inherited variable without a value is empty instead of unset.
    Env: (Env as string[]).map((pair) => (pair.includes("=") ? pair : `${pair}=`)).sort(),
  };
}

describe("oneoff.yaml that oneoff init generates", { ...compose.needed, ...needs("its own", "limits") }, () => {
  test.each(apps)("runs the same containers as the Compose file, for each service of %s", async (app) => {
    await using place = await copyOfApp(app);
    const cwd = place.path;
    await prepareApp(compose, engine.host, cwd);
    const services = Object.keys(recorded).flatMap((name) =>
      name.startsWith(`${app}/`) && !(name in SHARING) ? name.slice(app.length + 1) : [],
    );
    const oneoff = (...words: string[]) => observeRun(engine.host, [BINARY, ...words], cwd);
    const byCompose = [];
    for (const service of services) byCompose.push(await oneoff("run", service, "id"));

    const variables = await composeVariables(cwd);
    const { stderr } = await observeRun(engine.host, [BINARY, "init"], cwd, variables);
    expect(stderr).not.toContain("not valid");
    const text = await readFile(join(cwd, "oneoff.yaml"), "utf8");
    for (const [index, service] of services.entries()) {
      const [, list = ""] = new RegExp(`warning: ${service}: not included, .*?: (.*)`).exec(stderr) ?? [];
      const leftOut = list === "" ? [] : list.split(", ");
      expect(text).toContain(list);
      // oneoff deploy would build it.
      const image = text.includes(`\n  ${service}:\n    build:`)
        ? ["--image", String(recorded[`${app}/${service}`]?.Image)]
        : [];
      const {
        container,
        end,
        stderr: err,
      } = await observeRun(engine.host, [BINARY, "run", ...image, service, "id"], cwd, variables);
      expect
        .soft(reduced(container, leftOut), `${service}: ${err}`)
        .toEqual(reduced(byCompose[index]?.container, leftOut));
      if (leftOut.length === 0) expect.soft(end, `${service}: ${err}`).toEqual(byCompose[index]?.end);
    }
  });
});
