import { Duplex } from "node:stream";
import type { Dial } from "../src/engine/endpoint/dial.ts";

const ID = "0123456789abcdef".repeat(4);

const IMAGE = { Id: ID, Os: "linux", Architecture: "amd64", RepoTags: [], Config: {} };

const CONTAINER = {
  Id: ID,
  Names: ["/there"],
  Image: "image",
  ImageID: ID,
  Labels: {},
  State: "running",
  Status: "Up",
};

const ATTACHED = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";

/** An engine in memory with one container. A command exits with 0 as soon as it is started. */
export function fakeEngine(): Dial {
  const attached: FakeSocket[] = [];
  const waiting: FakeSocket[] = [];
  const answer = (socket: FakeSocket, head: string) => {
    if (/^POST \S+\/attach/.test(head)) {
      attached.push(socket);
      socket.push(ATTACHED);
    } else if (/^POST \S+\/exec\/\S+\/start/.test(head)) {
      socket.push(ATTACHED);
      socket.push(null);
    } else if (/^GET \S+\/exec\//.test(head)) {
      socket.push(json(200, { Running: false, ExitCode: 0, Pid: 1 }));
    } else if (/^POST \S+\/wait/.test(head)) {
      waiting.push(socket);
      socket.push(`HTTP/1.1 200 OK\r\n${HEADERS}Transfer-Encoding: chunked\r\n\r\n`);
    } else if (/^POST \S+\/start/.test(head)) {
      socket.push(`HTTP/1.1 204 No Content\r\n${HEADERS}\r\n`);
      for (const one of attached.splice(0)) one.push(null);
      for (const one of waiting.splice(0)) one.push('10\r\n{"StatusCode":0}\r\n0\r\n\r\n');
    } else if (/^POST \S+\/(create|exec)[ ?]/.test(head)) socket.push(json(201, { Id: ID, Warnings: [] }));
    else if (/^GET \S+\/images\/image\/json/.test(head)) socket.push(json(200, IMAGE));
    else socket.push(json(200, /^GET \S+\/containers\/json\S*there/.test(head) ? [CONTAINER] : []));
  };
  return async (_address, { onData } = {}) => {
    const socket = new FakeSocket(answer);
    if (onData) socket.on("data", (chunk: Buffer) => onData(chunk) || socket.pause());
    return socket;
  };
}

const HEADERS = "Api-Version: 1.44\r\nContent-Type: application/json\r\nServer: Docker/28.5.0 (linux)\r\n";

function json(status: number, body: unknown): string {
  const text = JSON.stringify(body);
  return `HTTP/1.1 ${status} OK\r\n${HEADERS}Content-Length: ${text.length}\r\n\r\n${text}`;
}

/** A connection to it. */
class FakeSocket extends Duplex {
  readonly #answer: (socket: FakeSocket, head: string) => void;
  constructor(answer: (socket: FakeSocket, head: string) => void) {
    super();
    this.#answer = answer;
  }
  override _read() {}
  override _write(chunk: Buffer, _encoding: string, done: () => void) {
    const head = chunk.toString("latin1");
    // The body of a request may follow its headers.
    if (/^[A-Z]+ \//.test(head)) setImmediate(() => this.#answer(this, head));
    done();
  }
  ref() {
    return this;
  }
  unref() {
    return this;
  }
}
