import type { Span } from "./spans.ts";

/** Options of some programs that contain a password. */
export interface ProgramOption {
  /** The program, optionally with its subcommand: `docker login`. */
  readonly program: RegExp;
  /** Matches the option before an attached value. */
  readonly option: RegExp;
  /** The position of the value. */
  readonly value: "attached" | "next" | "either";
  /** Only the text after the first separator is secret: `user:password`. */
  readonly behind?: string;
}

const LOGIN =
  /^(?:docker|podman|nerdctl|buildah|skopeo|helm|crane|oras|oc|az|heroku|vault|flyctl|cf|ibmcloud)( \S+)* login\b/;

const OPTIONS: readonly ProgramOption[] = [
  // `-p` alone prompts for the password, and `-P` is a port.
  { program: /^(?:mysql|mariadb|mycli)/, option: /^-p/, value: "attached" },
  {
    program: /^curl\b/,
    option: /^(?:-[#0-9fgiIjkLnNOpqRsSvaGl]*[uU]|--(?:proxy-)?user(?:=|$))/,
    value: "either",
    behind: ":",
  },
  { program: /^curl\b/, option: /^(?:-[#0-9fgiIjkLnNOpqRsSvaGl]*b|--cookie(?:=|$))/, value: "either", behind: "=" },
  { program: /^curl\b/, option: /^--(?:oauth2-bearer|tlspassword|proxy-tlspassword)(?:=|$)/, value: "either" },
  { program: /^sshpass\b/, option: /^-p/, value: "either" },
  { program: /^(?:redis|valkey|keydb)-cli\b/, option: /^-a/, value: "either" },
  { program: LOGIN, option: /^-p/, value: "either" },
  {
    program: /^(?:mongo|mongosh|mongodump|mongorestore|mongoexport|mongoimport|cqlsh)\b/,
    option: /^-p/,
    value: "either",
  },
  { program: /^(?:ldap\w+)\b/, option: /^-w/, value: "either" },
  { program: /^(?:sqlcmd|bcp|ipmitool|mosquitto_(?:pub|sub)|zip|unzip)\b/, option: /^-P/, value: "either" },
  { program: /^7z[ar]?\b/, option: /^-p/, value: "attached" },
  { program: /^https?\b/, option: /^-a/, value: "either", behind: ":" },
  { program: /^(?:smbclient|net|rpcclient)\b/, option: /^(?:-U|--user(?:=|$))/, value: "either", behind: "%" },
  { program: /^lftp\b/, option: /^-u/, value: "either", behind: "," },
  { program: /^openssl\b/, option: /^-(?:passin|passout|pass|k|K)$/, value: "next" },
  { program: /^kubectl\b/, option: /^--from-literal(?:=|$)/, value: "either", behind: "=" },
];

/** Commands whose last argument is a password. */
const LAST_WORD: readonly { readonly program: RegExp; readonly option?: RegExp }[] = [
  { program: /^htpasswd\b/, option: /^-[a-zA-Z]*b/ },
  { program: /^(?:redis|valkey|keydb)-cli( \S+)* (?:auth|config set requirepass) \S/i },
  { program: /^rabbitmqctl (?:add_user|change_password|authenticate_user)\b/ },
  { program: /^vault login\b/ },
];

/** A quick check that rules out most programs. */
const ANY = new RegExp(OPTIONS.map(({ program }) => program.source).join("|"));

/** The password options of a program. @param program with its subcommand. */
export const optionsOf = (program: string): ProgramOption[] =>
  ANY.test(program) ? OPTIONS.filter((rule) => rule.program.test(program)) : [];

/** The spans of passwords in a word. @param previous the word before it. */
export function optionSecrets(rules: readonly ProgramOption[], previous: string, word: string): Span[] {
  return rules.flatMap((rule): Span[] => {
    const quote = /^["']/.exec(word)?.[0].length ?? 0;
    const own = rule.option.exec(word.slice(quote));
    const from = own ? quote + own[0].length : 0;
    const isAttached = own !== null && rule.value !== "next" && from < word.length;
    const isNext = rule.value !== "attached" && rule.option.exec(previous)?.[0] === previous && !word.startsWith("-");
    if (!isAttached && !isNext) return [];
    const sign = rule.behind === undefined ? from : word.indexOf(rule.behind, from) + 1;
    return sign === 0 && rule.behind !== undefined ? [] : [[sign, word.length]];
  });
}

/** Whether the last argument of the command is a password. */
export const endsWithSecret = (program: string, words: () => readonly string[]): boolean =>
  LAST_WORD.some(
    ({ program: own, option }) => own.test(program) && (!option || words().some((word) => option.test(word))),
  );
