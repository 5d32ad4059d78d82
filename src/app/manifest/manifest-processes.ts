import { listOf, mapOf, record } from "../schema/collections.ts";
import { quantity, type Rule, rule, text, written } from "../schema/scalars.ts";
import { mapped, type Shape } from "../schema/schema.ts";
import { secondsOf, secondsOrZeroOf, WANTED } from "../units.ts";

/** Settings of deployed processes only; one-offs ignore them. */
export interface ProcessDefaults {
  /** Of `web` only. */
  readonly publish?: readonly PublishedPort[];
  readonly restart?: RestartPolicy;
  /** In seconds. */
  readonly stopGrace?: number;
  /** In seconds. */
  readonly healthWait?: number;
  /** In seconds. */
  readonly drain?: number;
  readonly labels?: ReadonlyMap<string, string>;
  /** How the name of a service resolves. */
  readonly endpointMode?: EndpointMode;
}

export type EndpointMode = "vip" | "dnsrr";

/** A container port that is published on the host. */
export interface PublishedPort {
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  /** Absent for any free port. */
  readonly hostPort?: number;
  /** Absent for all addresses of the host. */
  readonly hostAddress?: string;
}

export interface RestartPolicy {
  readonly name: "no" | "always" | "unless-stopped" | "on-failure";
  /** Maximum number of restarts; absent for no limit. */
  readonly retries?: number;
}

const PORT = /^(?:(?:(\d{1,3}(?:\.\d{1,3}){3}):)?(\d{1,5}):)?(\d{1,5})(?:\/(tcp|udp))?$/;

const isPort = (text: string | undefined) => text === undefined || (Number(text) > 0 && Number(text) < 65_536);

const portText: Rule = {
  ...rule(PORT, "[[ADDRESS:]HOST-PORT:]PORT[/tcp or /udp]"),
  test(text) {
    const [whole, address, hostPort, port] = PORT.exec(text) ?? [];
    return (
      whole !== undefined &&
      (address?.split(".").every((part) => Number(part) < 256) ?? true) &&
      isPort(hostPort) &&
      isPort(port)
    );
  },
};

const published: Shape<PublishedPort> = mapped(written(portText), (text) => {
  const [, hostAddress, hostPort, port, protocol] = PORT.exec(text) ?? [];
  return {
    port: Number(port),
    protocol: protocol === "udp" ? "udp" : "tcp",
    ...(hostPort && { hostPort: Number(hostPort) }),
    ...(hostAddress && { hostAddress }),
  };
});

const restart: Shape<RestartPolicy> = mapped(
  written(rule(/^(?:no|always|unless-stopped|on-failure(?::\d{1,4})?)$/, "no, always, unless-stopped or on-failure:N")),
  (text) => {
    const [name, retries] = text.split(":");
    return { name: name as RestartPolicy["name"], ...(retries && { retries: Number(retries) }) };
  },
);

const labelName = rule(
  /^(?!dev\.oneoff\.|com\.dokku|org\.label-schema)[^\s=\0]+$/,
  "the name of a label, none of dev.oneoff., com.dokku and org.label-schema",
);

const processKeys = {
  publish: {
    shape: listOf(published, ({ port, protocol, hostPort, hostAddress }) =>
      [hostAddress, hostPort, port, protocol].join(":"),
    ),
    about:
      "Published ports of web: [[IP:]HOST-PORT:]PORT[/udp]. With HOST-PORT, a deploy has downtime (not on a Swarm).",
    examples: ['["8080:5000"]', '["127.0.0.1:8080:5000", "5000"]'],
  },
  restart: {
    shape: restart,
    about: "Restart policy: no, always, unless-stopped, on-failure or on-failure:RETRIES.",
    default: "unless-stopped",
    examples: ["unless-stopped"],
  },
  "stop-grace": {
    shape: quantity(secondsOf, WANTED.duration),
    about: "Time between SIGTERM and SIGKILL when a process is stopped.",
    default: "30s",
    examples: ["30s"],
  },
  "health-wait": {
    shape: quantity(secondsOf, WANTED.duration),
    about: "Uptime after which a process without a health check is healthy.",
    default: "10s",
    examples: ["10s"],
  },
  drain: {
    shape: quantity(secondsOrZeroOf, WANTED.durationOrZero),
    about: "Time between the switch to new processes and SIGTERM for the old ones. Not used on a Swarm.",
    default: "2s",
    examples: ["2s"],
  },
  labels: {
    shape: mapOf(labelName, written(rule(/^[^\0]*$/, "a value without NUL characters"))),
    about: "Container labels, e.g. for a reverse proxy.",
    examples: ['{traefik.enable: "true"}'],
  },
  "endpoint-mode": {
    shape: text(rule(/^(?:vip|dnsrr)$/, "vip or dnsrr")),
    about: "On a Swarm, what the name of a service resolves to: vip (a virtual address) or dnsrr (its tasks).",
    default: "vip",
    examples: ["dnsrr"],
  },
} as const;

export const processDefaults: Shape<ProcessDefaults> = mapped(
  record(processKeys),
  ({ "stop-grace": stopGrace, "health-wait": healthWait, "endpoint-mode": endpointMode, ...same }) => ({
    ...same,
    ...(stopGrace !== undefined && { stopGrace }),
    ...(healthWait !== undefined && { healthWait }),
    ...(endpointMode !== undefined && { endpointMode: endpointMode as EndpointMode }),
  }),
);
