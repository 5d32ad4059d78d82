import { mistake } from "../errors.ts";
import { anyText, each, oneOf, open, string, trueOrFalse, wholeNumber } from "./json-shapes.ts";
import { rule } from "./scalars.ts";
import { mapped, type Of, type Reading, type Shape } from "./schema.ts";
import { maxDuration } from "./units.ts";

/** How to tell whether a process is well. Times are in seconds. Without any of its four ways, that its container runs. */
export interface Healthcheck {
  readonly type: "startup" | "readiness" | "liveness";
  readonly name?: string;
  /** Asked for by HTTP. */
  readonly path?: string;
  readonly scheme: "http" | "https";
  /** The app's `PORT` unless given. */
  readonly port?: number;
  readonly httpHeaders: readonly { readonly name: string; readonly value: string }[];
  /** What the answer has to have in it. */
  readonly content?: string;
  /** To run in the container, without a shell. */
  readonly command?: readonly string[];
  /** Whether something listens on the port, on all interfaces. */
  readonly listening: boolean;
  /** How long it has to have run. */
  readonly uptime?: number;
  readonly attempts: number;
  /** Of one attempt. */
  readonly timeout: number;
  /** Between two of them. */
  readonly wait: number;
  /** Before the first. */
  readonly initialDelay: number;
  /** A failure is only told. */
  readonly warn: boolean;
}

const seconds = wholeNumber(maxDuration);

const headerKeys = {
  name: {
    shape: string(rule(/^[!#$%&'*+.^`|~\w-]+$/, "the name of a header")),
    about: "Its name.",
    examples: ["X-Forwarded-Proto"],
  },
  value: {
    shape: string(rule(/^[^\0\r\n]*$/, "a value of one line")),
    about: "Its value.",
    examples: ["https"],
  },
} as const;

const header = mapped(open(headerKeys, ["name", "value"]), ({ name, value }) =>
  name === undefined || value === undefined ? undefined : { name, value },
);

export const healthcheckKeys = {
  type: {
    shape: oneOf(["startup", "readiness", "liveness"]),
    about: "What it is for; startup unless given.",
    examples: ["startup"],
  },
  name: { shape: string(anyText), about: "What to call it.", examples: ["web check"] },
  path: {
    shape: string(rule(/^(?:\/[^\s\0]*)?$/, 'a path that begins with "/"')),
    about: "What to ask for by HTTP.",
    examples: ["/health"],
  },
  scheme: { shape: oneOf(["http", "https"]), about: "How to ask; http unless given.", examples: ["http"] },
  port: { shape: wholeNumber(65_535), about: "Where; the app's PORT unless given.", examples: ["8080"] },
  httpHeaders: {
    shape: each(header),
    about: "Headers to send.",
    examples: ["[{name: X-Forwarded-Proto, value: https}]"],
  },
  content: { shape: string(anyText), about: "What the answer has to have in it.", examples: ["ready"] },
  command: { shape: each(string(anyText)), about: "What to run in the container.", examples: ["[/app/check.sh]"] },
  listening: { shape: trueOrFalse, about: "Whether something has to listen on the port.", examples: ["true"] },
  uptime: { shape: seconds, about: "How long it has to have run.", examples: ["10"] },
  attempts: { shape: wholeNumber(1000), about: "How often to try; 3 unless given.", examples: ["3"] },
  timeout: { shape: seconds, about: "How long an attempt may take; 5 unless given.", examples: ["5"] },
  wait: { shape: seconds, about: "How long to wait between two attempts; 5 unless given.", examples: ["5"] },
  initialDelay: { shape: seconds, about: "How long to wait before the first.", examples: ["0"] },
  warn: { shape: trueOrFalse, about: "Whether a failure is only told.", examples: ["false"] },
} as const;

const WAYS = ["path", "command", "listening", "uptime"] as const;

/** A number of 0, an empty list or text and false are as if they were not there, as for Dokku. */
export const healthcheck: Shape<Healthcheck> = mapped(open(healthcheckKeys), (given, node, _name, to) => {
  const { name, path, port, content, command, uptime } = given;
  const ways = WAYS.filter((way) => (Array.isArray(given[way]) ? given[way].length > 0 : given[way]));
  if (node.kind === "map" && ways.length > 1) checkWays(node, ways, to);
  return {
    type: given.type ?? "startup",
    ...(name && { name }),
    ...(path && { path }),
    scheme: given.scheme ?? "http",
    ...(port && { port }),
    httpHeaders: given.httpHeaders ?? [],
    ...(content && { content }),
    ...(command && command.length > 0 && { command }),
    listening: given.listening ?? false,
    ...(uptime && { uptime }),
    attempts: given.attempts || 3,
    timeout: given.timeout || 5,
    wait: given.wait || 5,
    initialDelay: given.initialDelay ?? 0,
    warn: given.warn ?? false,
  };
});

/** A check is made in one way: which of two was meant nobody can tell. */
function checkWays({ entries }: Of<"map">, ways: readonly string[], to: Reading): void {
  const [first, ...others] = entries.filter(({ key }) => ways.includes(key));
  for (const other of first ? others : []) {
    to.wrong(other.at, mistake.together(other.key, first?.key ?? "", to.line(first?.at ?? 0)));
  }
}
