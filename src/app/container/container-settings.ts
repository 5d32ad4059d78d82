import { bytesOf, WANTED } from "../units.ts";
import { type Device, type DeviceRequest, deviceOf, gpusOf } from "./devices.ts";
import { type PortMapping, portMappingsOf } from "./ports.ts";
import {
  addressOf,
  capabilityOf,
  hostEntryOf,
  hostnameOf,
  ipcOf,
  logOptOf,
  platformOf,
  securityOptOf,
  tmpfsOf,
  ulimitOf,
  wordOf,
} from "./values.ts";

/** A setting with docker's name and syntax: an option of `oneoff run`, and most are keys of `run` in oneoff.yaml. */
export interface ContainerSetting<T> {
  /** @returns undefined for an invalid value. */
  readonly parse: (text: string) => T | undefined;
  /** Completes "expected …", with an example after "such as". */
  readonly wanted: string;
  readonly placeholder: string;
  readonly describe: string;
  readonly completion?: readonly string[];
  /** Without the setting, if it is not copied from the app's container. */
  readonly default?: string;
  readonly alias?: string;
}

const setting = <T>(parse: (text: string) => T | undefined, rest: Omit<ContainerSetting<T>, "parse">) => ({
  parse,
  ...rest,
});

/** Settings with any number of values. */
export const LISTS = {
  "add-host": setting(hostEntryOf, {
    wanted: "HOST:ADDRESS such as db.local:10.0.0.5",
    placeholder: "HOST:ADDRESS",
    describe: "Add a line to /etc/hosts",
  }),
  "cap-add": setting(capabilityOf, {
    wanted: "a capability such as NET_ADMIN",
    placeholder: "CAPABILITY",
    describe: "Add a Linux capability",
  }),
  "cap-drop": setting(capabilityOf, {
    wanted: "a capability such as NET_RAW",
    placeholder: "CAPABILITY",
    describe: "Drop a Linux capability",
  }),
  device: setting<Device | DeviceRequest>(deviceOf, {
    wanted: "PATH[:TARGET][:rwm] or a CDI name, such as /dev/fuse",
    placeholder: "PATH[:TARGET]",
    describe: "Add a device of the host",
  }),
  dns: setting(addressOf, {
    wanted: "an IP address such as 10.0.0.53",
    placeholder: "ADDRESS",
    describe: "Use this DNS server",
  }),
  gpus: setting(gpusOf, {
    wanted: "all, a number, or device=…, such as all",
    placeholder: "GPUS",
    describe: "Add GPUs: all, a number, or device=ID",
    completion: ["all"],
  }),
  "group-add": setting(wordOf, {
    wanted: "the name or ID of a group such as 1000",
    placeholder: "GROUP",
    describe: "Add the user to a group",
  }),
  "security-opt": setting(securityOptOf, {
    wanted: "NAME=VALUE such as no-new-privileges",
    placeholder: "OPTION",
    describe: "Set a security option, e.g. seccomp=FILE",
    completion: ["no-new-privileges", "seccomp=unconfined", "apparmor=unconfined", "label=disable"],
  }),
  tmpfs: setting(tmpfsOf, {
    wanted: "TARGET[:OPTIONS] with an absolute target such as /scratch:size=64m",
    placeholder: "TARGET[:OPTIONS]",
    describe: "Mount an empty folder in memory",
  }),
  ulimit: setting(ulimitOf, {
    wanted: "a known NAME=SOFT[:HARD], SOFT up to HARD, such as nofile=1024:4096",
    placeholder: "NAME=SOFT[:HARD]",
    describe: "Limit a resource, e.g. nofile=1024",
  }),
} as const;

/** Lists that only options have. */
export const OPTION_LISTS = {
  "log-opt": setting(logOptOf, {
    wanted: "NAME=VALUE such as max-size=10m",
    placeholder: "NAME=VALUE",
    describe: "Set an option of the log driver",
  }),
  // A fixed port allows one one-off at a time.
  publish: setting<readonly PortMapping[]>(portMappingsOf, {
    wanted: "[[ADDRESS:]HOST-PORT:]PORT[/udp], or ranges of one length, such as 3000:3000",
    placeholder: "[[IP:]PORT:]PORT",
    describe: "Publish a port on the host",
    alias: "p",
  }),
} as const;

/** Settings with one value. */
export const SINGLES = {
  hostname: setting(hostnameOf, {
    wanted: "a host name of at most 64 characters such as worker",
    placeholder: "NAME",
    describe: "Set the host name",
    default: "the ID of the container",
  }),
  ipc: setting(ipcOf, {
    wanted: "none, private, shareable, host or container:NAME, such as host",
    placeholder: "MODE",
    describe: "Share memory: host or container:NAME",
    completion: ["host", "none", "private", "shareable"],
  }),
  platform: setting(platformOf, {
    wanted: "OS[/ARCHITECTURE[/VARIANT]] such as linux/arm64",
    placeholder: "PLATFORM",
    describe: "Require an image of this platform",
    default: "any",
    completion: ["linux/amd64", "linux/arm64"],
  }),
  "shm-size": setting(bytesOf, {
    wanted: WANTED.bytes,
    placeholder: "SIZE",
    describe: "Size of /dev/shm, e.g. 256m",
  }),
  "stop-signal": setting(wordOf, {
    wanted: "a signal such as SIGINT",
    placeholder: "SIGNAL",
    describe: "Signal that stops the command",
    completion: ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1"],
  }),
} as const;

export const OPTION_SINGLES = {
  "log-driver": setting(wordOf, {
    wanted: "a log driver such as json-file",
    placeholder: "DRIVER",
    describe: "Log driver of the engine",
    completion: ["json-file", "local", "journald", "syslog", "none"],
  }),
} as const;

export const SWITCHES = {
  privileged: { describe: "Give all capabilities and devices" },
  "read-only": { describe: "Mount the root file system read-only" },
} as const;

type Value<T> = T extends { readonly parse: (text: string) => infer V } ? NonNullable<V> : never;
type Lists = typeof LISTS & typeof OPTION_LISTS;
type Singles = typeof SINGLES & typeof OPTION_SINGLES;

/** Settings by their names. */
export type ContainerSettings = { readonly [Name in keyof Lists]?: readonly Value<Lists[Name]>[] } & {
  readonly [Name in keyof Singles]?: Value<Singles[Name]>;
} & { readonly [Name in keyof typeof SWITCHES]?: boolean } & {
  /** The option with the path of a seccomp profile, by the option with its text. */
  readonly profiles?: ReadonlyMap<string, string>;
};
