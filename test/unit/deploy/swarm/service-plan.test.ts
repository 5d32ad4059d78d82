import { expect, test } from "vitest";
import type { AppSettings } from "../../../../src/app/app.ts";
import { parseAppJson } from "../../../../src/app/app-json.ts";
import { planServices, serviceNameOf } from "../../../../src/deploy/swarm/service-plan.ts";

interface Scene {
  readonly settings?: AppSettings;
  readonly env?: Readonly<Record<string, string>>;
  readonly appJson?: string;
  readonly type?: string;
  readonly size?: string;
  readonly maxParallel?: number;
}

function planOf({ settings = {}, env = {}, appJson = "{}", type = "web", ...group }: Scene) {
  const [plan] = planServices(
    {
      app: { name: "my-app", env: new Map(Object.entries(env)), settings },
      release: {
        ...{ app: "my-app", number: 7, image: "reg.example/my-app@sha256:d", created: "2026-11-30T06:00:00Z" },
        procfile: new Map([
          ["web", "serve"],
          ["worker", "work"],
        ]),
        appJson: parseAppJson(Buffer.from(appJson)),
      },
      image: { env: new Map(), launcher: undefined, hasHealthcheck: false, tools: new Set(["sh", "wget"]) },
      secrets: new Map([["key", "id-of-key"]]),
      configs: new Map([["conf", "id-of-conf"]]),
    },
    [{ type, quantity: 2, ...group }],
  );
  if (!plan) throw new Error("no plan");
  return plan.spec;
}

const containerOf = (scene: Scene) => planOf(scene).TaskTemplate.ContainerSpec;

test("names the service after the app and the process type, and labels only the service", () => {
  const { Name, Labels, TaskTemplate, Mode } = planOf({});
  expect(Name).toBe("my-app-web");
  expect(Labels).toMatchObject({
    "dev.oneoff.app": "my-app",
    "dev.oneoff.container": "my-app-web",
    "dev.oneoff.kind": "process",
    "dev.oneoff.process-type": "web",
    "dev.oneoff.release": "7",
  });
  expect(TaskTemplate.ContainerSpec).not.toHaveProperty("Labels");
  expect(TaskTemplate.ContainerSpec?.Image).toBe("reg.example/my-app@sha256:d");
  expect(Mode).toEqual({ Replicated: { Replicas: 2 } });
  expect(serviceNameOf("my.app", "web")).toBe(serviceNameOf("my-app", "web"));
});

test("replaces all tasks in each release", () => expect(planOf({}).TaskTemplate.ForceUpdate).toBe(70_000));

test("keeps variables out of labels, and templates of variables unexpanded", () => {
  const { Labels, TaskTemplate } = planOf({ env: { TOKEN: "t0ken-value", BRACES: "{{.Node.ID}}" } });
  expect(JSON.stringify(Labels)).not.toContain("t0ken-value");
  const Env = TaskTemplate.ContainerSpec?.Env ?? [];
  expect(Env).toContain("TOKEN=t0ken-value");
  expect(Env).toContain("DYNO=web.{{.Task.Slot}}");
  expect(Env.find((one) => one.startsWith("BRACES="))).not.toBe("BRACES={{.Node.ID}}");
});

test("gives secrets and configs by ID", () => {
  const file = { uid: "0", gid: "0", mode: 0o444 };
  const settings = {
    secrets: [{ source: "key", target: "key", ...file }],
    configs: [{ source: "conf", target: "/etc/conf", ...file }],
  };
  const File = { UID: "0", GID: "0", Mode: 0o444 };
  expect(containerOf({ settings })).toMatchObject({
    Secrets: [{ SecretID: "id-of-key", SecretName: "key", File: { Name: "key", ...File } }],
    Configs: [{ ConfigID: "id-of-conf", ConfigName: "conf", File: { Name: "/etc/conf", ...File } }],
  });
});

test("gives the aliases of the app to web only", () => {
  const networksOf = (type: string) => planOf({ type, settings: { networks: ["edge"] } }).TaskTemplate.Networks;
  // The service's own name needs no alias.
  expect(networksOf("web")).toEqual([{ Target: "edge", Aliases: ["my-app"] }]);
  expect(networksOf("worker")).toEqual([{ Target: "edge" }]);
});

test.each([
  [undefined, { Condition: "any" }],
  [{ name: "no" }, { Condition: "none" }],
  [{ name: "on-failure" }, { Condition: "on-failure" }],
  [
    { name: "on-failure", retries: 3 },
    { Condition: "on-failure", MaxAttempts: 3 },
  ],
] as const)("maps the restart policy %o", (restart, expected) =>
  expect(planOf({ settings: restart ? { processes: { restart } } : {} }).TaskTemplate.RestartPolicy).toEqual(expected),
);

test("rolls back if a task fails, and waits between tasks only without a health check", () => {
  expect(planOf({ settings: { processes: { healthWait: 3 } }, maxParallel: 2 })).toMatchObject({
    UpdateConfig: {
      ...{ Parallelism: 2, Order: "start-first", FailureAction: "rollback", MaxFailureRatio: 0 },
      ...{ Delay: 3e9, Monitor: 3e9 },
    },
    RollbackConfig: { Parallelism: 0, Order: "start-first", FailureAction: "pause" },
  });
  const appJson = '{"healthchecks": {"web": [{"command": ["true"]}]}}';
  expect(planOf({ appJson }).UpdateConfig).toMatchObject({ Parallelism: 1, Delay: 0, Monitor: 5e9 });
});
