import { isSecretName } from "./secret-name.ts";
import type { Span } from "./spans.ts";

/** Options whose value is a header: curl, wget, grpcurl, hey and others. */
const OPTION = /^(?:-[#0-9fgiIjkLnNOpqRsSvaGl]*H|--?(?:[a-z]+-)?header)$/;
/** A header in one word, with or without the option. */
const HEADER = /^["']?(?:(?:-[#0-9fgiIjkLnNOpqRsSvaGl]*H|--?(?:[a-z]+-)?header=)["']?)?([A-Za-z][\w-]*)\s*:\s*/;
const ATTACHED = /^["']?(?:-[#0-9fgiIjkLnNOpqRsSvaGl]*H|--?(?:[a-z]+-)?header=)/;
/** HTTPie and xh take headers as plain arguments. */
const CLIENT = /^(?:https?|xhs?)$/;
/** Secret headers besides the names of secrets: `Ocp-Apim-Subscription-Key` is an API key. */
const NAME = /(?:^|-)(?:authorization|cookie|key|signature)$/i;
const SCHEME = /^(?:Bearer|Basic)\s+/i;

const isSecretHeader = (name: string): boolean => NAME.test(name) || isSecretName(name);

/** The span of the value of a secret header in a word, also directly after its colon: `-H X-Api-Key:HERE`. */
export function headerSecrets(program: string, previous: string, word: string): Span[] {
  if (!word.includes(":")) return [];
  const isHeader = OPTION.test(previous) || ATTACHED.test(word) || CLIENT.test(program);
  const [start, name = ""] = (isHeader && HEADER.exec(word)) || [];
  if (start === undefined || !isSecretHeader(name)) return [];
  const scheme = /authorization$/i.test(name) ? (SCHEME.exec(word.slice(start.length))?.[0].length ?? 0) : 0;
  const from = start.length + scheme;
  const end = /["']/.test(start) && /["']$/.test(word) ? word.length - 1 : word.length;
  return from < end ? [[from, end]] : [];
}
