import type { Recording } from "./answer-fuzzer.ts";
import { record } from "./answer-recorder.ts";
import { api } from "./docker-api.ts";
import { eventually, type Oneoffs } from "./oneoff-suite.ts";

/** What a real engine answers to commands that take over no connection. */
export async function recordedCommands(suite: Oneoffs): Promise<Recording[]> {
  const { host } = suite;
  const nameOf = async (id: string) => (await api(host).get(`/containers/${id}/json`)).body.Name.slice(1) as string;
  const ended = await nameOf(await suite.detached(["app", "sh", "-c", "echo out; echo err >&2; exit 3"]));
  const running = await nameOf(await suite.detached(["app", "sleep", "600"]));
  await eventually(async () => {
    const { State } = (await api(host).get(`/containers/${ended}/json`)).body;
    if (State.Running) throw new Error(`${ended} runs`);
  });
  const commands = [
    ["ps", "--all"],
    ["ps", "--all", "--format", "json"],
    ["apps"],
    ["locks"],
    ["releases", "app"],
    ["logs", ended],
    ["logs", "--raw", ended],
    ["wait", ended],
    ["cp", "--quiet", `${ended}:/etc/passwd`, "-"],
    ["run", "--print", "--image", "busybox:local", "app", "true"],
    ["run", "--detach", "--label", suite.label, "--image", "busybox:local", "app", "sleep", "600"],
    ["stop", running],
  ];
  const recordings: Recording[] = [];
  for (const argv of commands) recordings.push(await record(host, argv));
  return recordings.filter(({ answers }) => answers.length > 0);
}
