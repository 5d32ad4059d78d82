import { isRefusal } from "../errors/engine.ts";
import { volumeList } from "./answers.ts";
import type { Transport } from "./transport.ts";

export interface VolumeSummary {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>>;
}

/** `GET /volumes`: those with a label that no container uses. */
export async function listUnusedVolumes(engine: Transport, label: string): Promise<VolumeSummary[]> {
  const query = { filters: JSON.stringify({ label: [label], dangling: ["true"] }) };
  const response = await engine.send({ method: "GET", path: "/volumes", query });
  const { Volumes } = await response.json<{ Volumes?: readonly { Name: string; Labels?: VolumeSummary["Labels"] }[] }>(
    volumeList,
  );
  const [key = "", value] = label.split("=");
  // Podman 5 also lists volumes that match only one of the filters.
  return (Volumes ?? [])
    .map(({ Name, Labels }) => ({ Name, Labels: Labels ?? {} }))
    .filter(({ Labels }) => Labels[key] === value);
}

/** `POST /volumes/create` */
export interface VolumeCreateBody {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Driver?: string;
  readonly DriverOpts?: Readonly<Record<string, string>>;
}

/** `POST /volumes/create`. An existing volume of the name stays as it is. */
export async function createVolume(engine: Transport, body: VolumeCreateBody): Promise<void> {
  await (await engine.send({ method: "POST", path: "/volumes/create", body })).drop();
}

/** `GET /volumes/{name}`. */
export async function hasVolume(engine: Transport, name: string): Promise<boolean> {
  try {
    await (await engine.send({ method: "GET", path: `/volumes/${encodeURIComponent(name)}` })).drop();
    return true;
  } catch (error) {
    if (isRefusal(error, 404)) return false;
    throw error;
  }
}

/** `DELETE /volumes/{name}`. @throws OneoffError with status 409 if a container uses it. */
export async function removeVolume(engine: Transport, name: string): Promise<void> {
  await (await engine.send({ method: "DELETE", path: `/volumes/${encodeURIComponent(name)}` })).drop();
}
