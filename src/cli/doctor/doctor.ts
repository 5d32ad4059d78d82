import { printJson, printText } from "../../output/print.ts";
import { COLORED, PLAIN, type Style, wantsColor } from "../../output/style.ts";
import { formatTable } from "../../output/table.ts";
import { command } from "../command.ts";
import { commonOptions } from "../common-options.ts";
import { endpointFindings, engineFindings, socketFindings } from "./engine-findings.ts";
import type { Facts, Finding } from "./facts.ts";
import { credentialFindings, diskFindings, folderFindings, proxyFindings, terminalFindings } from "./local-findings.ts";
import { probe } from "./probe.ts";

export const doctorCommand = command({
  options: {
    json: { type: "boolean", describe: "Print JSON" },
    ...commonOptions,
  },
  usage: "oneoff doctor [options]",
  describe: "Check the engine and this machine, and suggest fixes",
  examples: [
    ["oneoff doctor", "one line per check: ok, warn or fail"],
    ["oneoff doctor --json | jq -r '.[] | select(.status != \"ok\").message'", "for a script"],
  ],
  most: 0,
  async handle(flags, _args, context) {
    const found = findings(await probe(context, flags));
    const { terminal, env } = context;
    const style = wantsColor(flags.color, env, terminal.outputIsTerminal) ? COLORED : PLAIN;
    if (flags.json) printJson(terminal.stdout, found, 2);
    else printText(terminal.stdout, found, (all) => text(all, style));
    return found.some(({ status }) => status === "fail") ? 1 : 0;
  },
});

const STYLES = { ok: "success", warn: "warning", fail: "error" } as const;

const text = (found: readonly Finding[], style: Style): string =>
  formatTable(
    found.flatMap(({ status, check, message, next }) => [
      [status, check, message],
      ...(next === undefined ? [] : [["", "", `  ${next}`]]),
    ]),
  ).replace(/^(ok|warn|fail)\b/gm, (status) => style[STYLES[status as Finding["status"]]](status));

/** All findings, the most important first. */
export const findings = (facts: Facts): Finding[] => [
  ...endpointFindings(facts.chain),
  ...socketFindings(facts.socket),
  ...engineFindings(facts.engine),
  ...diskFindings(facts.disks),
  ...folderFindings(facts.folders),
  ...terminalFindings(facts.terminal),
  ...proxyFindings(facts.proxies),
  ...credentialFindings(facts.credentials),
];
