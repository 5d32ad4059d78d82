import { randomUUID } from "node:crypto";
import { afterAll } from "vitest";
import type { AppSettings } from "../../src/app/app.ts";
import { type AppJson, parseAppJson } from "../../src/app/app-json.ts";
import { parseProcfile } from "../../src/app/procfile.ts";
import { rollOut } from "../../src/deploy/rollout/roll-out.ts";
import { openTransport, type Transport } from "../../src/engine/transport.ts";
import type { Event } from "../../src/output/events.ts";
import type { Release } from "../../src/release/release.ts";
import { api, ask, removeByLabel, socketOf } from "./docker-api.ts";

/** Options of a rollout. All have defaults. */
export interface RolloutOptions {
  readonly image?: string;
  readonly number?: number;
  readonly procfile?: string;
  /** Content of app.json. */
  readonly appJson?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly settings?: AppSettings;
  readonly scale?: Readonly<Record<string, number>>;
  readonly keepRunning?: boolean;
  /** In seconds. */
  readonly healthWait?: number;
  readonly signal?: AbortSignal;
  /** Replaces the transport of the scene. */
  readonly transport?: Transport;
}

const NONE: AppJson = { scripts: {}, env: new Map(), formation: new Map(), healthchecks: new Map(), cron: [] };

/** An app and a network on a real engine, both removed after the suite. */
export function rolloutScene(host: string) {
  const name = `app-${randomUUID().slice(0, 8)}`;
  const network = `${name}-net`;
  const engine = api(host);
  const transport: Transport = openTransport(() => ({ socketPath: socketOf(host), from: "--host" }));
  const events: Event[] = [];
  const label = `dev.oneoff.app=${name}`;
  afterAll(async () => {
    await removeByLabel(host, label);
    await engine.delete(`/networks/${network}`);
    await transport[Symbol.asyncDispose]();
  });
  const scene = {
    name,
    network,
    engine,
    transport,
    events,
    /** The reported states of processes, e.g. `web.1 starting`. */
    get processStates() {
      return events.flatMap((event) => (event.type === "process" ? [`${event.name} ${event.state}`] : []));
    },
    get warnings() {
      return events.flatMap((event) => (event.type === "warning" ? [event.message] : []));
    },
    createNetwork: () => engine.post("/networks/create", { Name: network, CheckDuplicate: true }),
    async rollOut(options: RolloutOptions = {}) {
      const image = options.image ?? "busybox:local";
      const { body } = await engine.get(`/images/${image}/json`);
      const release: Release = {
        app: name,
        number: options.number ?? 1,
        image,
        imageId: body.Id,
        procfile: options.procfile === undefined ? new Map() : parseProcfile(options.procfile),
        appJson: options.appJson === undefined ? NONE : parseAppJson(Buffer.from(options.appJson)),
        created: "2026-01-01T00:00:00Z",
      };
      const signal = options.signal ?? new AbortController().signal;
      await rollOut(
        { engine: options.transport ?? transport, report: (event) => events.push(event), signal },
        {
          app: { name, env: new Map(Object.entries(options.env ?? {})), settings: withoutDrain(options.settings) },
          release,
          scale: new Map(Object.entries(options.scale ?? {})),
          keepRunning: options.keepRunning ?? false,
          healthWait: options.healthWait ?? 1,
        },
      );
    },
    /** Processes with names without the app, e.g. `web.1`. */
    async processes() {
      const filters = encodeURIComponent(JSON.stringify({ label: [label, "dev.oneoff.kind=process"] }));
      const { body } = await engine.get(`/containers/json?all=1&filters=${filters}`);
      return (body as { Id: string; Names: string[]; State: string }[])
        .map(({ Id, Names, State }) => ({ id: Id, name: (Names[0] ?? "").slice(name.length + 2), state: State }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    /** Runs a shell script in a container of the network. @returns its output. */
    ask: (client: string, script: string) => ask(host, client, script),
    /** Starts another container in the network. @returns its ID. */
    async client(script: string) {
      const { body } = await engine.post("/containers/create", {
        Image: "busybox:local",
        Cmd: ["sh", "-c", script],
        Labels: { "dev.oneoff.app": name },
        HostConfig: { NetworkMode: network, Init: true },
      });
      await engine.post(`/containers/${body.Id}/start`);
      return body.Id as string;
    },
  };
  return scene;
}

/** Stops old processes immediately by default. */
const withoutDrain = (settings: AppSettings = {}): AppSettings => ({
  ...settings,
  processes: { drain: 0, ...settings.processes },
});

/**
 * A transport whose request fails once, like an engine error, or from then on, as if oneoff was killed.
 * @param at how many requests succeed before. @returns the transport and a counter of requests.
 */
export function failRequest(transport: Transport, at: number, how: "once" | "forever") {
  let count = 0;
  const engine: Transport = {
    ...transport,
    get endpoint() {
      return transport.endpoint;
    },
    get version() {
      return transport.version;
    },
    get quirks() {
      return transport.quirks;
    },
    async send(request) {
      count += 1;
      if (how === "once" ? count === at + 1 : count > at) throw new Error(`request ${at + 1} failed on purpose`);
      return transport.send(request);
    },
  };
  return { engine, count: () => count };
}
