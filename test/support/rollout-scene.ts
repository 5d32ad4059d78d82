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

/** What one schedule is of; the rest is as it is without anybody's doing. */
export interface RolloutOptions {
  readonly image?: string;
  readonly number?: number;
  readonly procfile?: string;
  /** The text of an app.json. */
  readonly appJson?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly settings?: AppSettings;
  readonly scale?: Readonly<Record<string, number>>;
  readonly keepRunning?: boolean;
  /** In seconds. */
  readonly healthWait?: number;
  readonly signal?: AbortSignal;
  /** In the place of the scene's own. */
  readonly transport?: Transport;
}

const NONE: AppJson = { scripts: {}, env: new Map(), formation: new Map(), healthchecks: new Map() };

/** An app of its own on a real engine, with a network of its own; all of it goes with the suite. */
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
    /** What has been told of processes, as `web.1 starting`. */
    get told() {
      return events.flatMap((event) => (event.type === "process" ? [`${event.name} ${event.state}`] : []));
    },
    get warnings() {
      return events.flatMap((event) => (event.type === "warning" ? [event.message] : []));
    },
    createNetwork: () => engine.post("/networks/create", { Name: network, CheckDuplicate: true }),
    async schedule(wish: RolloutOptions = {}) {
      const image = wish.image ?? "busybox:local";
      const { body } = await engine.get(`/images/${image}/json`);
      const release: Release = {
        app: name,
        number: wish.number ?? 1,
        image,
        imageId: body.Id,
        procfile: wish.procfile === undefined ? new Map() : parseProcfile(wish.procfile),
        appJson: wish.appJson === undefined ? NONE : parseAppJson(Buffer.from(wish.appJson)),
        created: "2026-01-01T00:00:00Z",
      };
      const signal = wish.signal ?? new AbortController().signal;
      await rollOut(
        { engine: wish.transport ?? transport, report: (event) => events.push(event), signal },
        {
          app: { name, env: new Map(Object.entries(wish.env ?? {})), settings: undrained(wish.settings) },
          release,
          scale: new Map(Object.entries(wish.scale ?? {})),
          keepRunning: wish.keepRunning ?? false,
          healthWait: wish.healthWait ?? 1,
        },
      );
    },
    /** Names, states and ids of what there is, as `web.1 running`; what the app's name is for is left out. */
    async processes() {
      const filters = encodeURIComponent(JSON.stringify({ label: [label, "dev.oneoff.kind=process"] }));
      const { body } = await engine.get(`/containers/json?all=1&filters=${filters}`);
      return (body as { Id: string; Names: string[]; State: string }[])
        .map(({ Id, Names, State }) => ({ id: Id, name: (Names[0] ?? "").slice(name.length + 2), state: State }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    /** What a container of the network's own says to a shell's words. */
    ask: (client: string, script: string) => ask(host, client, script),
    /** A container beside the app's, in its network. @returns its id. */
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

/** Its old processes accept no connections after the switch, unless that is what it is about. */
const undrained = (settings: AppSettings = {}): AppSettings => ({
  ...settings,
  processes: { drain: 0, ...settings.processes },
});

/**
 * The engine, but one request fails: once, as an engine may, or that one and all later ones, as for somebody who has been
 * killed before it.
 * @param at how many go well before. @returns with it, how many have come.
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
    get dialect() {
      return transport.dialect;
    },
    async send(request) {
      count += 1;
      if (how === "once" ? count === at + 1 : count > at) throw new Error(`request ${at + 1} failed on purpose`);
      return transport.send(request);
    },
  };
  return { engine, count: () => count };
}
