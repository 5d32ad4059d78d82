import { isRefusal } from "../errors/engine.ts";
import { engineInfo } from "./system.ts";
import type { Transport } from "./transport.ts";

/** Errors of Podman at create, and of Docker at start, which searches its init in PATH. */
const NOT_FOUND =
  /container-init binary not found|lookup init binary|^exec: "[^"]+": executable file not found in \$PATH$/;

/** The mount point of the init in a container. */
const NOT_MOUNTED =
  /rootfs at "\/sbin\/docker-init"|exec: "\/sbin\/docker-init": .*(?:no such file|permission denied|format error)/i;

/** Whether an engine rejected to create or start a container because it has no init binary. */
export async function isInitMissing(engine: Transport, error: unknown): Promise<boolean> {
  if (!isRefusal(error, 400, 404, 500)) return false;
  const { reason } = error;
  if (NOT_FOUND.test(reason) || NOT_MOUNTED.test(reason)) return true;
  // Docker 28 and other runtimes name the source of the failed mount, not its target.
  if (!/no such file or directory/i.test(reason) || /\bexec\b/.test(reason)) return false;
  const { InitBinary = "" } = await engineInfo(engine);
  return InitBinary.startsWith("/") && reason.includes(InitBinary);
}
