/** How long this process has computed, in ms: what is bounded by it holds on a machine that has others to compute for. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
