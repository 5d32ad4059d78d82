import { jsonLines } from "../streams/lines.ts";
import { containerStats } from "./answers.ts";
import type { Transport } from "./transport.ts";

/** CPU times in nanoseconds since the start of the container. */
interface CpuStats {
  readonly cpu_usage?: { readonly total_usage?: number; readonly percpu_usage?: readonly number[] | null } | null;
  /** Of all CPUs of the host. */
  readonly system_cpu_usage?: number;
  readonly online_cpus?: number;
}

/** A sample of the resource usage. Fields that the engine did not measure are absent or zero. */
export interface ContainerStats {
  readonly cpu_stats?: CpuStats | null;
  /** The previous sample. */
  readonly precpu_stats?: CpuStats | null;
  readonly memory_stats?: {
    /** In bytes, with the page cache. */
    readonly usage?: number;
    /** Fields of `memory.stat` of the cgroup. */
    readonly stats?: Readonly<Record<string, number>> | null;
  } | null;
}

/** `GET /containers/{id}/stats`: a sample each second until the container is removed, or disposed. */
export async function openStats(engine: Transport, id: string): Promise<AsyncIterable<ContainerStats> & Disposable> {
  const path = `/containers/${id}/stats`;
  const { stream } = await engine.send({ method: "GET", path, query: { stream: 1 }, isOpenEnded: true });
  return {
    [Symbol.asyncIterator]: () => jsonLines<ContainerStats>(stream, (line) => containerStats(line, "")),
    [Symbol.dispose]: () => stream.destroy(),
  };
}
