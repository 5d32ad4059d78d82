/**
 * What the runner of GitHub Actions makes of a log: the commands it obeys, in their order, as `group` or `error`. Any line
 * may be one but between `::stop-commands::TOKEN` and `::TOKEN::`; a carriage return begins a line, too.
 */
export function obeyed(log: string): string[] {
  const found: string[] = [];
  let stop: string | undefined;
  for (const line of log.split(/\r\n?|\n/)) {
    const [, command, rest = ""] = /^\s*::([^:\s]+)[^:]*::(.*)$/.exec(line) ?? [];
    if (stop !== undefined) {
      if (command === stop) stop = undefined;
    } else if (command === "stop-commands") stop = rest;
    else if (command !== undefined) found.push(command);
    else if (line.includes("##[")) found.push("an old one");
  }
  return found;
}
