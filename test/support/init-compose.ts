import { Buffer } from "node:buffer";
import { loadComposeProject } from "../../src/app/compose/load-project.ts";
import type { Inherited } from "../../src/app/env.ts";
import { type ComposeServices, composeServices } from "../../src/app/init/init-compose.ts";

/** The services of `/srv/shop/compose.yaml`, for oneoff.yaml in its folder. @param files more files of the folder. */
export function composeOf(
  text: string,
  variables: Inherited = {},
  files: Readonly<Record<string, string>> = {},
): ComposeServices {
  const all = new Map(
    Object.entries({ "compose.yaml": text, ...files }).map(([name, content]) => [`/srv/shop/${name}`, content]),
  );
  const place = { exists: (path: string) => all.has(path) };
  const loaded = loadComposeProject(
    { keepsVariables: true },
    {
      cwd: "/srv/shop",
      env: { HOME: "/home/me", ...variables },
      ...place,
      readFile: (path) => {
        const content = all.get(path);
        if (content === undefined) throw Object.assign(new Error("ENOENT"), { code: "ENOENT", syscall: "open" });
        return Buffer.from(content);
      },
      distrust: () => undefined,
    },
  );
  if (!loaded) throw new Error("no Compose file");
  return composeServices(loaded, { folder: "/srv/shop", home: "/home/me", ...place });
}
