import { isDeepStrictEqual } from "node:util";
import type { HostConfig } from "../../../engine/types.ts";
import { badTaskName, noTaskOption, noTaskStdin } from "../../../errors/swarm-task.ts";
import { serviceName } from "../../../identity/names.ts";
import type { Terminal } from "../../../terminal/terminal.ts";
import type { OneoffSpec } from "../../spec/spec.ts";
import type { TaskRequest } from "./task-base.ts";
import { taskMounts } from "./task-mounts.ts";

/** Settings that a service cannot have, and the option that sets each. */
const IMPOSSIBLE: Readonly<Partial<Record<keyof HostConfig, string>>> = {
  Devices: "--device",
  DeviceRequests: "--gpus",
  SecurityOpt: "--security-opt",
  MaskedPaths: "--security-opt",
  Privileged: "--privileged",
  IpcMode: "--ipc",
  ShmSize: "--shm-size",
  PortBindings: "--publish",
  Links: "--link",
  // The log of a task is its output.
  LogConfig: "--log-driver and --log-opt",
};

/**
 * Checks that a service can have what options and oneoff.yaml request, and what stdin has.
 * @param instead the change that gets further. @throws OneoffError for the first that it cannot have
 */
export function checkTaskOptions(
  spec: OneoffSpec,
  {
    asked,
    base,
    input,
  }: { readonly asked: TaskRequest; readonly base: TaskRequest; readonly input: Terminal["input"] },
  instead: string,
): void {
  if (spec.tty) throw noTaskStdin("a TTY", instead);
  if (spec.stdin && input === "stream") throw noTaskStdin("stdin", instead);
  const option = impossibleOption(spec, asked, base);
  if (option !== undefined) throw noTaskOption(option, instead);
  const { containerName: name } = spec;
  if (name !== undefined && serviceName(name) !== name) throw badTaskName(name, serviceName(name));
}

function impossibleOption(
  { uploads, fetches, usesGpus, links, platform }: OneoffSpec,
  { body, networks }: TaskRequest,
  base: TaskRequest,
): string | undefined {
  if (uploads?.sources.length) return "--file";
  if (uploads?.secrets.length) return "--secret";
  if (fetches.length > 0) return "--fetch";
  if (usesGpus) return "--gpus";
  if (links.requested.length > 0) return "--link";
  if (platform !== undefined) return "--platform";
  const shared = networks.find((network) => /^(container:|none$)/.test(network));
  if (shared !== undefined) return `--network ${shared}`;
  const [host, baseHost] = [body.HostConfig, base.body.HostConfig];
  const changed = Object.keys(IMPOSSIBLE) as (keyof HostConfig)[];
  const key = changed.find((key) => !isDeepStrictEqual(host[key], baseHost[key]));
  return key === undefined ? taskMounts([], host, baseHost).impossible : IMPOSSIBLE[key];
}
