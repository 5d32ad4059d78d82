import { posix } from "node:path";
import { launcherOfImage } from "../../app/buildpacks.ts";
import { parseEnvList } from "../../app/env.ts";
import { statContainerPath } from "../../engine/archive.ts";
import { createContainer, removeIfThere } from "../../engine/containers.ts";
import type { ImageDetails } from "../../engine/image-types.ts";
import { inspectImage } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { LABEL } from "../../identity/labels.ts";
import { uniqueName } from "../../identity/names.ts";
import { ownLabels } from "../../identity/ownership.ts";
import type { Tool } from "./service-health.ts";
import type { ImageFacts } from "./service-plan.ts";

const TOOLS: readonly Tool[] = ["sh", "curl", "wget"];
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What the spec of a service needs of its image. Programs are searched in a container that is never started. */
export async function readImageFacts(
  { engine, owner }: { readonly engine: Transport; readonly owner: string },
  app: string,
  image: string,
): Promise<ImageFacts> {
  const { Id: Image, Config = {} } = await inspectImage(engine, image);
  const env = parseEnvList(Config.Env ?? []);
  const name = uniqueName(app, "procfile");
  const Labels = ownLabels(name, { [LABEL.app]: app, [LABEL.kind]: "procfile", [LABEL.owner]: owner });
  const { Id } = await createContainer(engine, name, { Image, Cmd: ["-"], Labels });
  try {
    const folders = (env.get("PATH") ?? DEFAULT_PATH).split(":").filter((folder) => posix.isAbsolute(folder));
    const has = async (tool: Tool) => {
      const stats = folders.map((folder) => statContainerPath(engine, Id, posix.join(folder, tool)));
      return (await Promise.all(stats)).some((stat) => stat !== undefined);
    };
    const found = await Promise.all(TOOLS.map(async (tool) => ((await has(tool)) ? [tool] : [])));
    return {
      ...{ env, launcher: launcherOfImage(Config), tools: new Set(found.flat()) },
      hasHealthcheck: hasHealthcheck(Config),
    };
  } finally {
    await removeIfThere(engine, Id);
  }
}

/** An image can disable the health check of its base image. */
const hasHealthcheck = ({ Healthcheck }: NonNullable<ImageDetails["Config"]>) =>
  (Healthcheck?.Test ?? ["NONE"])[0] !== "NONE";
