import { execCreated, execDetails } from "./answers.ts";
import { type Hijacked, hijack } from "./hijack.ts";
import type { Transport } from "./transport.ts";

/**
 * oneoff looks for detach keys itself, but the engine does, too, and delays a key that may be the first of them. It replaces
 * an empty value with its default, ctrl-p, which recalls the last command in a shell. JSON cannot name keys that cannot be typed.
 */
const NO_DETACH_KEYS = "ctrl-^,ctrl-@,ctrl-^,ctrl-@,ctrl-^,ctrl-@";

/** `POST /containers/{id}/exec`. @returns the exec's ID. @throws OneoffError with status 409 if it is stopped. */
export async function createExec(engine: Transport, container: string, body: ExecCreateBody): Promise<string> {
  const response = await engine.send({
    method: "POST",
    path: `/containers/${container}/exec`,
    body: { DetachKeys: NO_DETACH_KEYS, ...body },
  });
  return (await response.json<{ Id: string }>(execCreated)).Id;
}

/** `POST /exec/{id}/start`, hijacked: starts the command. */
export const startExec = (engine: Transport, id: string, { tty }: { tty: boolean }): Promise<Hijacked> =>
  hijack(engine, { path: `/exec/${id}/start`, body: { Detach: false, Tty: tty } });

/** `POST /exec/{id}/resize`, in character cells. */
export async function resizeExec(engine: Transport, id: string, size: { rows: number; columns: number }) {
  const query = { h: size.rows, w: size.columns };
  await (await engine.send({ method: "POST", path: `/exec/${id}/resize`, query })).drop();
}

/** `GET /exec/{id}/json`. */
export async function inspectExec(engine: Transport, id: string): Promise<ExecDetails> {
  return (await engine.send({ method: "GET", path: `/exec/${id}/json` })).json<ExecDetails>(execDetails);
}

export interface ExecCreateBody {
  Cmd: readonly string[];
  Env: readonly string[];
  User?: string;
  WorkingDir?: string;
  Tty: boolean;
  AttachStdin: boolean;
  AttachStdout: boolean;
  AttachStderr: boolean;
  /** Rows, then columns. Engines before API 1.42 ignore it. */
  ConsoleSize?: readonly [number, number];
}

export interface ExecDetails {
  Running: boolean;
  ExitCode: number | null;
  /** Docker has 0 for a command that never started. */
  Pid?: number | null;
}
