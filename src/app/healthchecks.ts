import { fileProblem } from "../errors/manifest.ts";
import { anyText, each, oneOf, open, string, trueOrFalse, wholeNumber } from "./json-shapes.ts";
import { rule } from "./schema/scalars.ts";
import { mapped, type Of, type Reading, type Shape } from "./schema/schema.ts";
import { maxDuration } from "./units.ts";

/** A health check of app.json, with times in seconds. Without path, command, listening and uptime it always passes. */
export interface Healthcheck {
  readonly type: "startup" | "readiness" | "liveness";
  readonly name?: string;
  /** Path of an HTTP request. */
  readonly path?: string;
  readonly scheme: "http" | "https";
  /** Absent for the `PORT` of the process. */
  readonly port?: number;
  readonly httpHeaders: readonly { readonly name: string; readonly value: string }[];
  /** Text that the response must contain. */
  readonly content?: string;
  /** Runs in the container, without a shell. */
  readonly command?: readonly string[];
  /** Checks for a listener on the port that is not bound to loopback. */
  readonly listening: boolean;
  /** Required uptime. */
  readonly uptime?: number;
  readonly attempts: number;
  /** Timeout of one attempt. */
  readonly timeout: number;
  /** Pause between two attempts. */
  readonly wait: number;
  /** Pause before the first attempt. */
  readonly initialDelay: number;
  /** A failure is only a warning. */
  readonly warn: boolean;
}

const seconds = wholeNumber(maxDuration);

const headerKeys = {
  name: {
    shape: string(rule(/^[!#$%&'*+.^`|~\w-]+$/, "the name of a header")),
    about: "Header name.",
    examples: ["X-Forwarded-Proto"],
  },
  value: {
    shape: string(rule(/^[^\0\r\n]*$/, "a value of one line")),
    about: "Header value.",
    examples: ["https"],
  },
} as const;

const header = mapped(open(headerKeys, ["name", "value"]), ({ name, value }) =>
  name === undefined || value === undefined ? undefined : { name, value },
);

export const healthcheckKeys = {
  type: {
    shape: oneOf(["startup", "readiness", "liveness"]),
    about: "startup, readiness or liveness. A deploy runs only startup checks.",
    default: "startup",
    examples: ["startup"],
  },
  name: {
    shape: string(anyText),
    about: "Name of the check in messages.",
    default: "the kind of check",
    examples: ["web check"],
  },
  path: {
    shape: string(rule(/^(?:\/[^\s\0]*)?$/, 'a path that begins with "/"')),
    about: "HTTP path to request. A status below 400 passes.",
    examples: ["/health"],
  },
  scheme: {
    shape: oneOf(["http", "https"]),
    about: "http or https. Certificates are not verified.",
    default: "http",
    examples: ["https"],
  },
  port: {
    shape: wholeNumber(65_535),
    about: "Port of path and listening.",
    default: "PORT of the process",
    examples: ["8080"],
  },
  httpHeaders: {
    shape: each(header),
    about: "Request headers, each with name and value.",
    examples: ["[{name: X-Forwarded-Proto, value: https}]"],
  },
  content: { shape: string(anyText), about: "Text that the response must contain.", examples: ["ready"] },
  command: {
    shape: each(string(anyText)),
    about: "Command to run in the container, without a shell. Exit code 0 passes.",
    examples: ["[/app/check.sh]"],
  },
  listening: {
    shape: trueOrFalse,
    about: "Check for a listener on the port that is not bound to loopback.",
    default: "false",
    examples: ["true"],
  },
  uptime: { shape: seconds, about: "Seconds that the process must stay up.", examples: ["10"] },
  attempts: { shape: wholeNumber(1000), about: "Attempts until the check fails.", default: "3", examples: ["3"] },
  timeout: { shape: seconds, about: "Seconds until an attempt fails.", default: "5", examples: ["5"] },
  wait: { shape: seconds, about: "Seconds between two attempts.", default: "5", examples: ["5"] },
  initialDelay: {
    shape: seconds,
    about: "Seconds before the first attempt.",
    default: "0",
    examples: ["0"],
  },
  warn: {
    shape: trueOrFalse,
    about: "Report a failure as a warning and continue the deploy.",
    default: "false",
    examples: ["true"],
  },
} as const;

const WAYS = ["path", "command", "listening", "uptime"] as const;

/** 0, false, an empty list and an empty string have the effect of an absent key, as in dokku. */
export const healthcheck: Shape<Healthcheck> = mapped(open(healthcheckKeys), (check, node, _name, to) => {
  const { name, path, port, content, command, uptime } = check;
  const ways = WAYS.filter((way) => (Array.isArray(check[way]) ? check[way].length > 0 : check[way]));
  if (node.kind === "map" && ways.length > 1) checkWays(node, ways, to);
  return {
    type: check.type ?? "startup",
    ...(name && { name }),
    ...(path && { path }),
    scheme: check.scheme ?? "http",
    ...(port && { port }),
    httpHeaders: check.httpHeaders ?? [],
    ...(content && { content }),
    ...(command && command.length > 0 && { command }),
    listening: check.listening ?? false,
    ...(uptime && { uptime }),
    attempts: check.attempts || 3,
    timeout: check.timeout || 5,
    wait: check.wait || 5,
    initialDelay: check.initialDelay ?? 0,
    warn: check.warn ?? false,
  };
});

/** Reports a check that has two of path, command, listening and uptime: it is unclear which one is meant. */
function checkWays({ entries }: Of<"map">, ways: readonly string[], to: Reading): void {
  const [first, ...others] = entries.filter(({ key }) => ways.includes(key));
  for (const other of first ? others : []) {
    to.wrong(other.at, fileProblem.together(other.key, first?.key ?? "", to.line(first?.at ?? 0)));
  }
}
