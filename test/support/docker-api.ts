import { request } from "node:http";
import { setTimeout } from "node:timers/promises";

/** `body` is the JSON of the answer, or its text when it is none (a build's stream of lines, `OK`). */
export type Answer<T> = { status: number; body: T; bytes: Buffer };

export type ContainerSummary = {
  Id: string;
  Names: string[];
  Image: string;
  State: string;
  Status: string;
  Labels: Record<string, string>;
};

export const socketOf = (host: string): string => {
  if (!host.startsWith("unix://")) throw new Error(`The tests speak to unix:// hosts only, not to ${host}`);
  return host.slice("unix://".length);
};

const parsed = (bytes: Buffer): unknown => {
  const text = bytes.toString();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/**
 * The engine as it is, seen without a line of the client under test.
 * Objects are sent as JSON, a Buffer as a tar. No status is an error here: look at it.
 */
export const api = (host: string) => {
  const socketPath = socketOf(host);
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at a field or two of an answer, it does not model it
  type Any = any;
  const call = <T = Any>(method: string, path: string, payload?: unknown) =>
    new Promise<Answer<T>>((resolve, reject) => {
      const tar = Buffer.isBuffer(payload);
      const bytes = tar ? payload : payload === undefined ? undefined : Buffer.from(JSON.stringify(payload));
      const headers: Record<string, string | number> = { "Content-Length": bytes?.length ?? 0 };
      if (bytes) headers["Content-Type"] = tar ? "application/x-tar" : "application/json";
      // No agent: a connection that is kept would be to an engine that a test has killed since.
      const sent = request({ socketPath, method, path, headers, agent: false }, async (answer) => {
        try {
          const bytes = Buffer.concat(await answer.toArray());
          resolve({ status: answer.statusCode as number, body: parsed(bytes) as T, bytes });
        } catch (error) {
          reject(error);
        }
      });
      sent.once("error", reject).end(bytes);
    });
  return {
    get: <T = Any>(path: string) => call<T>("GET", path),
    post: <T = Any>(path: string, body?: unknown) => call<T>("POST", path, body),
    delete: <T = Any>(path: string) => call<T>("DELETE", path),
  };
};

/** @param label `key` or `key=value`. Running ones and ended ones. */
export const containers = async (host: string, label: string): Promise<ContainerSummary[]> => {
  if (!label) throw new Error("Without a label these would be all containers of the engine");
  const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
  const { status, body } = await api(host).get<ContainerSummary[]>(`/containers/json?all=1&filters=${filters}`);
  if (status !== 200) throw new Error(`listing containers: ${status} ${JSON.stringify(body)}`);
  return body;
};

/** Names as Docker has them: Podman says in full what registry they are of. */
export const shortName = (name: string) => name.replace(/^(docker\.io\/(library\/)?|localhost\/)/, "");

/** Asked for until they are told: Podman 4 refuses it while one of them goes. */
const images = async (host: string, filters: string): Promise<{ RepoTags: string[] | null }[]> => {
  for (let tries = 1; ; tries += 1) {
    const { status, body } = await api(host).get(`/images/json?filters=${filters}`);
    if (status === 200) return body;
    if (tries === 20) throw new Error(`listing images: ${status} ${JSON.stringify(body)}`);
    await setTimeout(50);
  }
};

/** All tags of a repository. */
export const imageTags = async (host: string, repository: string): Promise<string[]> => {
  const filters = encodeURIComponent(JSON.stringify({ reference: [repository] }));
  const all = (await images(host, filters)).flatMap(({ RepoTags }) => (RepoTags ?? []).map(shortName));
  // Not every engine leaves out the other tags of an image.
  return all.filter((tag) => tag.startsWith(`${repository}:`)).sort();
};

/** What a shell's words write in a container. */
export const ask = async (host: string, container: string, script: string): Promise<string> => {
  const { post } = api(host);
  const { body } = await post(`/containers/${container}/exec`, { Cmd: ["sh", "-c", script], AttachStdout: true });
  const { bytes } = await post(`/exec/${body.Id}/start`, {});
  return payloads(bytes).toString().trim();
};

/** What frames carry, whichever stream it is of. */
const payloads = (frames: Buffer): Buffer => {
  const found: Buffer[] = [];
  for (let at = 0; at < frames.length; ) {
    const end = at + 8 + frames.readUInt32BE(at + 4);
    found.push(frames.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(found);
};

/** Whatever its state, and its anonymous volumes with it. Touches nothing without the label. */
export const removeByLabel = async (host: string, label: string): Promise<void> => {
  for (let tries = 1; ; tries += 1) {
    const refused: string[] = [];
    for (const { Id } of await containers(host, label)) {
      // Podman would wait for what heeds no TERM.
      await api(host).post(`/containers/${Id}/kill`);
      const { status, body } = await api(host).delete(`/containers/${Id}?force=1&v=1`);
      // 404: it went by itself; 409: it is just going.
      if (![204, 404, 409].includes(status)) refused.push(`removing ${Id}: ${status} ${JSON.stringify(body)}`);
    }
    // Podman first wants those to go that share something with it.
    if (refused.length === 0) return;
    if (tries === 3) throw new Error(refused.join("\n"));
  }
};
