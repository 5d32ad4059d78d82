/** A device of the host, with docker's names. */
export interface Device {
  readonly PathOnHost: string;
  readonly PathInContainer: string;
  readonly CgroupPermissions: string;
}

/** Devices of a device driver, with docker's names. */
export interface DeviceRequest {
  readonly Driver: string;
  /** -1 for all. */
  readonly Count: number;
  readonly DeviceIDs: readonly string[] | null;
  readonly Capabilities: readonly (readonly string[])[] | null;
  readonly Options: Readonly<Record<string, string>> | null;
}

/** `vendor.com/class=name`, of the Container Device Interface. */
const CDI = /^[A-Za-z][\w.-]*\/[A-Za-z][\w-]*=[A-Za-z0-9][\w.:-]*$/;

const isAccess = (text: string) => /^(?!.*(.).*\1)[rwm]+$/.test(text);

/** Parses docker's `PATH[:PATH-IN-CONTAINER][:rwm]`, or the name of a CDI device; undefined for anything else. */
export function deviceOf(text: string): Device | DeviceRequest | undefined {
  if (CDI.test(text)) return { Driver: "cdi", Count: 0, DeviceIDs: [text], Capabilities: null, Options: null };
  const [host = "", ...more] = text.split(":");
  const hasAccess = more.length === 2 || isAccess(more[0] ?? "");
  const access = hasAccess ? (more.pop() ?? "") : "rwm";
  const inside = more.pop() ?? host;
  if (more.length > 0 || host === "" || !inside.startsWith("/") || !isAccess(access)) return undefined;
  return { PathOnHost: host, PathInContainer: inside, CgroupPermissions: access };
}

/** Parses docker's `all`, a number, or `device=0,driver=…`; undefined for anything else. */
export function gpusOf(text: string): DeviceRequest | undefined {
  const fields = new Map<string, string>();
  for (const field of csvFields(text) ?? []) {
    const [key = "", ...value] = field.split("=");
    const name = value.length === 0 ? "count" : key;
    if (fields.has(name) || !["count", "device", "driver", "capabilities", "options"].includes(name)) return undefined;
    fields.set(name, value.length === 0 ? key : value.join("="));
  }
  if (fields.size === 0) return undefined;
  const count = fields.get("count") ?? (fields.has("device") ? "0" : "1");
  if (!/^(all|-?\d{1,9})$/.test(count)) return undefined;
  const options = csvFields(fields.get("options") ?? "") ?? [];
  return {
    Driver: fields.get("driver") ?? "",
    Count: count === "all" ? -1 : Number(count),
    DeviceIDs: fields.get("device")?.split(",") ?? null,
    Capabilities: [[...(fields.get("capabilities")?.split(",") ?? []), "gpu"]],
    Options: Object.fromEntries(options.map((option) => [option.split("=", 1)[0], option.replace(/^[^=]*=?/, "")])),
  };
}

/** Splits docker's CSV, in which a field with a comma is quoted. */
function csvFields(text: string): string[] | undefined {
  if (!/^(?:"(?:[^"]|"")*"|[^",]*)(?:,(?:"(?:[^"]|"")*"|[^",]*))*$/.test(text)) return undefined;
  const fields = text.match(/"(?:[^"]|"")*"|[^",]+/g) ?? [];
  return fields.map((field) => (field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field));
}
