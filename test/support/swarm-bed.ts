import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { baseImage } from "./base-image.ts";
import { api } from "./docker-api.ts";
import { startEngine, type TestEngine } from "./engine.ts";
import { install, PATH } from "./packages.ts";
import { run } from "./process.ts";
import { fillRegistryFolder } from "./registry-folder.ts";

/** The address of the registry on the bridge, and of the nodes: 10.77.0.11 is the first. */
const NETWORK = "10.77.0";
const REGISTRY = `${NETWORK}.1:5000`;

/** Bounds what a Swarm takes to have all of its nodes ready. */
const READY_TIMEOUT_MS = 60_000;

export interface SwarmNode {
  /** `node1`, and so on: its host name. */
  readonly name: string;
  /** Of its engine: `unix:///…` */
  readonly host: string;
  /** As the Swarm calls it. */
  readonly id: string;
  readonly address: string;
}

/** What a test that only uses a Swarm needs to know of it. */
export interface SwarmFacts {
  /** The first is a manager. */
  readonly nodes: readonly [SwarmNode, ...SwarmNode[]];
  /** The address of a registry that asks for the LOGIN of registry-folder.ts; all nodes reach it, this process does not. */
  readonly registry: string;
}

/** A node that a test may stop. */
export interface OwnNode extends SwarmNode {
  /** Its engine stands still and answers nothing, its containers run on: others see a node that they do not reach. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Its engine ends at once (SIGKILL), its containers run on until `restart`. */
  kill(): Promise<void>;
  /** Ends the engine properly, unless it was killed, and starts it on the same data. */
  restart(): Promise<void>;
}

export interface OwnSwarm extends SwarmFacts, AsyncDisposable {
  readonly nodes: readonly [OwnNode, ...OwnNode[]];
}

const call = async (host: string, method: "get" | "post", path: string, body?: object) => {
  const answer = await api(host)[method](path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};

/** Makes an engine a Swarm of one node. @returns the id of the node. */
export const initSwarm = (host: string, address = "127.0.0.1"): Promise<string> =>
  call(host, "post", "/swarm/init", { ListenAddr: `${address}:2377`, AdvertiseAddr: address });

/**
 * A bridge in a network namespace of its own, with the registry. It ends when its stdin does, which is a pipe from us, and
 * the kernel takes the registry, the bridge and all cables along.
 */
const BRIDGE = `
ip link set lo up
ip link add name nodes address 02:00:00:00:77:01 type bridge
ip addr add ${NETWORK}.1/24 dev nodes
ip link set nodes up
docker-registry serve "$0/config.yml" >&2 &
echo up
cat`;

interface Bridge extends AsyncDisposable {
  /** Connects an engine, at an address of the network. */
  connect(engine: TestEngine, address: string): Promise<void>;
}

/** @param dir of an engine: what removes that folder when a test run was killed removes the registry's data, too. */
const startBridge = async (dir: string): Promise<Bridge> => {
  await install("ip", "unshare");
  const folder = `${dir}/registry`;
  await mkdir(folder);
  await fillRegistryFolder(folder, REGISTRY);
  const log = openSync(`${folder}/log`, "a");
  const options = ["--net", "--pid", "--fork", "--kill-child"];
  const bridge = spawn("unshare", [...options, "sh", "-c", BRIDGE, folder], {
    stdio: ["pipe", "pipe", log],
    // ^C at the terminal is for the tests.
    detached: true,
    env: { ...process.env, PATH },
  }) as ChildProcessByStdio<Socket, Socket, null>;
  closeSync(log);
  const exited = once(bridge, "exit");
  await Promise.race([once(bridge.stdout, "data"), exited]);
  if (bridge.exitCode !== null) throw new Error(`No bridge: ${await readFile(`${folder}/log`, "utf8")}`);
  // Nothing of it keeps this process alive.
  for (const handle of [bridge, bridge.stdin, bridge.stdout]) handle.unref();
  let cables = 0;
  return {
    async connect(engine, address) {
      cables += 1;
      const ip = async (...args: string[]) => {
        const { code, stderr } = await run(args, { env: { PATH } });
        if (code !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
      };
      const cable = `cable${cables}`;
      const pair = ["type", "veth", "peer", "name", cable, "netns", String(bridge.pid)];
      await ip(...engine.inside(["ip", "link", "add", "name", "eth0", ...pair]));
      await ip(...engine.inside(["ip", "addr", "add", `${address}/24`, "dev", "eth0"]));
      await ip(...engine.inside(["ip", "link", "set", "eth0", "up"]));
      const there = ["nsenter", `--net=/proc/${bridge.pid}/ns/net`];
      await ip(...there, "ip", "link", "set", cable, "master", "nodes", "up");
    },
    async [Symbol.asyncDispose]() {
      bridge.ref();
      bridge.stdin.end();
      await exited;
    },
  };
};

const until = async (what: string, isTrue: () => Promise<boolean>) => {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`Not within ${READY_TIMEOUT_MS} ms: ${what}`);
    await sleep(100);
  }
};

const addressOf = (number: number) => `${NETWORK}.${10 + number}`;

const readyNodes = async (host: string): Promise<number> => {
  const nodes: { Status: { State: string } }[] = await call(host, "get", "/nodes");
  return nodes.filter(({ Status }) => Status.State === "ready").length;
};

/** An import makes another image on every engine. */
const copyImage = async (from: string, to: string) => {
  const { bytes } = await api(from).get("/images/busybox:local/get");
  const { status, body } = await api(to).post("/images/load", bytes);
  if (status !== 200) throw new Error(`loading busybox:local: ${status} ${JSON.stringify(body)}`);
};

const nodeOf = (engine: TestEngine, name: string, address: string, id: string): OwnNode => ({
  ...{ name, host: engine.host, address, id },
  freeze: () => engine.kill("SIGSTOP"),
  thaw: () => engine.kill("SIGCONT"),
  kill: () => engine.kill("SIGKILL"),
  restart: () => engine.restart(),
});

/**
 * A Swarm that nobody else uses: engines that reach each other and a registry on a bridge, and nothing else, so that an
 * image that is not there fails at once. All have the same `busybox:local`, by name and by id.
 * @param options.managers how many of the nodes, the first ones, are managers.
 */
export const startSwarm = async ({ nodes = 3, managers = 1 } = {}): Promise<OwnSwarm> => {
  const engines: TestEngine[] = [];
  let bridge: Bridge | undefined;
  const dispose = async () => {
    await Promise.all(engines.map((engine) => engine[Symbol.asyncDispose]()));
    await bridge?.[Symbol.asyncDispose]();
  };
  const join = async (first: TestEngine, engine: TestEngine, address: string, role: "Manager" | "Worker") => {
    const { JoinTokens } = await call(first.host, "get", "/swarm");
    await call(engine.host, "post", "/swarm/join", {
      ...{ ListenAddr: `${address}:2377`, AdvertiseAddr: address, RemoteAddrs: [`${addressOf(1)}:2377`] },
      JoinToken: JoinTokens[role],
    });
    return (await call(engine.host, "get", "/info")).Swarm.NodeID as string;
  };
  const startNode = async (number: number): Promise<OwnNode> => {
    const [name, address] = [`node${number}`, addressOf(number)];
    const engine = await startEngine({ hostname: name, args: ["--insecure-registry", `${NETWORK}.0/24`] });
    const first = engines[0] ?? engine;
    engines.push(engine);
    bridge ??= await startBridge(engine.dir);
    await bridge.connect(engine, address);
    await (engine === first ? baseImage(engine.host) : copyImage(first.host, engine.host));
    const role = number <= managers ? "Manager" : "Worker";
    const id = await (engine === first ? initSwarm(engine.host, address) : join(first, engine, address, role));
    return nodeOf(engine, name, address, id);
  };
  try {
    const first = await startNode(1);
    // One after the other: a Swarm takes one new manager at a time.
    const others: OwnNode[] = [];
    for (let number = 2; number <= nodes; number += 1) others.push(await startNode(number));
    await until("all nodes are ready", async () => (await readyNodes(first.host)) === nodes);
    return { nodes: [first, ...others], registry: REGISTRY, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
};
