import { parseEnvList } from "../../app/env.ts";
import { maskText } from "../../app/secrets/mask.ts";
import { isSecretName } from "../../app/secrets/secret-name.ts";
import type { CheckFailure } from "./health-plan.ts";

/** In characters: much more than is printed, so that no secret is cut before it is masked. */
const MAX_CHARS = 16 * 1024;
const MAX_LINES = 15;
const MAX_LINE_CHARS = 200;

/** Values of variables whose names suggest a secret. @param env `NAME=value` */
export const secretsOfEnv = (env: readonly string[] | null): string[] =>
  Array.from(parseEnvList(env ?? [])).flatMap(([name, value]) => (isSecretName(name) ? value : []));

/** Masks secrets, also in the beginning of the response, which is enough for `responseLines`. */
export const maskFailure = ({ reason, summary, response }: CheckFailure, secrets: readonly string[]): CheckFailure => ({
  reason: maskText(reason, secrets),
  ...(summary !== undefined && { summary: maskText(summary, secrets) }),
  ...(response !== undefined && { response: maskText(response.slice(0, MAX_CHARS), secrets) }),
});

/** The beginning of an HTTP response for an error, without blank lines and the tags of HTML. */
export function responseLines(text: string): string[] {
  const isHtml = /^\s*<(?:!doctype|html|head|body|h\d|p|div)\b/i.test(text);
  const visible = isHtml ? text.replaceAll(/<(script|style)\b.*?(?:<\/\1\s*>|$)|<[^>]*>/gis, "") : text;
  const lines = visible.split("\n").flatMap((line) => line.trimEnd() || []);
  const shown = lines
    .slice(0, MAX_LINES)
    .map((line) => (line.length > MAX_LINE_CHARS ? `${line.slice(0, MAX_LINE_CHARS)}…` : line));
  return lines.length > MAX_LINES ? [...shown, "…"] : shown;
}
