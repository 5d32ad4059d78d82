import { expect, test } from "vitest";
import type { AppSettings } from "../../../../src/app/app.ts";
import { parseAppJson } from "../../../../src/app/app-json.ts";
import { parseProcfile } from "../../../../src/app/procfile.ts";
import { type ProcessPlan, processBody } from "../../../../src/deploy/schedule/process-spec.ts";

interface Wish {
  readonly settings?: AppSettings;
  readonly env?: Readonly<Record<string, string>>;
  readonly plan?: Partial<ProcessPlan>;
  readonly imageId?: string;
  readonly number?: number;
  readonly procfile?: string;
}

/** The label that a process gets. */
function digest({ settings = {}, env = {}, plan = {}, imageId = "sha256:r", number = 7, procfile = "web: a" }: Wish) {
  const release = {
    ...{ app: "a", number, image: "", imageId, created: "" },
    ...{ procfile: parseProcfile(procfile), appJson: parseAppJson(Buffer.from("")) },
  };
  const app = { name: "a", env: new Map(Object.entries(env)), settings };
  const body = processBody(app, release, { type: "web", index: 1, port: "5000", displaces: false, ...plan });
  return body.Labels["dev.oneoff.settings"];
}

const plain = digest({});
const processes = (processes: AppSettings["processes"]) => ({ settings: { processes } as AppSettings });

test("is short", () => expect(plain).toMatch(/^[0-9a-f]{16}$/));

test.each<[string, Wish]>([
  ["a volume", { settings: { binds: ["data:/data"] } }],
  ["a mount", { settings: { mounts: [{ type: "tmpfs", target: "/tmp", readOnly: false }] } }],
  ["a network", { settings: { networks: ["one"] } }],
  ["a second network", { settings: { networks: ["default", "two"] } }],
  ["a size", { plan: { size: "L" } }],
  ["what a size is", { plan: { size: "S" }, settings: { sizes: new Map([["S", { memory: 1e9 }]]) } }],
  ["a port of the host", processes({ publish: [{ port: 5000, protocol: "tcp", hostPort: 80 }] })],
  ["an entrypoint", { settings: { entrypoint: ["/launch"] } }],
  ["a user", { settings: { user: "app" } }],
  ["a working directory", { settings: { workdir: "/srv" } }],
  ["init", { settings: { init: false } }],
  ["a label", processes({ labels: new Map([["traefik.enable", "true"]]) })],
  ["a restart policy", processes({ restart: { name: "always" } })],
  ["a grace", processes({ stopGrace: 5 })],
  ["its command", { procfile: "web: b" }],
  ["a shell", { settings: { shell: "bash" }, procfile: "web: a | b" }],
  ["its release", { number: 8 }],
])("is another for %s", (_what, wish) => {
  expect(digest(wish)).not.toBe(plain);
  if (wish.plan?.size === "S") expect(digest(wish)).not.toBe(digest({ plan: wish.plan }));
});

test.each<[string, Wish]>([
  ["a variable: it could be guessed from it", { env: { PIN: "1234" } }],
  ["the id of its image, which its release has", { imageId: "sha256:other" }],
  ["what was in its way", { plan: { displaces: true }, settings: {} }],
  ["how long it has to stay up", processes({ healthWait: 1 })],
  ["how long the old ones drain", processes({ drain: 0 })],
])("is the same for %s", (_what, wish) => expect(digest(wish)).toBe(plain));
