import { launcherOf } from "../../app/buildpacks.ts";
import { parseEnvList } from "../../app/env.ts";
import { inspectContainer } from "../../engine/containers.ts";
import { inspectImage } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { badAnswer, isRefusal } from "../../errors/engine.ts";
import { warning } from "../../errors/error.ts";
import type { Candidate } from "./candidates.ts";
import { copyContainer } from "./copy.ts";
import { copyWarnings } from "./copy-warnings.ts";
import type { ResolveContext, Resolved } from "./resolved-app.ts";

/** An app with the settings of a container. @param other an image that replaces the container's image. */
export async function copiedApp(
  { engine, report }: Pick<ResolveContext, "engine" | "report">,
  name: string,
  { from, container }: Pick<Candidate, "from" | "container">,
  other?: string,
): Promise<Resolved> {
  const [details, image] = await Promise.all([
    inspectContainer(engine, container.Id),
    other ? containerImage(engine, container) : undefined,
  ]);
  for (const message of copyWarnings(details)) report(warning(message));
  if (!details.Image) throw badAnswer({ method: "GET", path: `/containers/${container.Id}/json` }, "expected an Image");
  const copy = copyContainer(details, image, engine.quirks);
  const app = {
    name: name.replace(/^[a-z]+:/, ""),
    from,
    image: other ?? copy.image,
    env: parseEnvList(copy.env),
    procfile: new Map(),
    // Another image of the app is assumed to come from the same builder.
    launcher: launcherOf({ labels: details.Config.Labels, env: details.Config.Env }),
    settings: {},
  };
  return { app, copy };
}

/** @returns undefined for a removed image, whose settings then cannot be distinguished from the container's */
async function containerImage(engine: Transport, { ImageID }: Candidate["container"]) {
  try {
    return await inspectImage(engine, ImageID);
  } catch (error) {
    if (isRefusal(error, 404)) return undefined;
    throw error;
  }
}
