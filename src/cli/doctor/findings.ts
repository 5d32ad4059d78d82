import { endpointFindings, engineFindings, socketFindings } from "./engine-findings.ts";
import type { Facts } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { credentialFindings, diskFindings, folderFindings, proxyFindings, terminalFindings } from "./local-findings.ts";

/** What the facts mean, in the order in which it matters. */
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
