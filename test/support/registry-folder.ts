import { writeFile } from "node:fs/promises";
import { install } from "./packages.ts";

/** Whom the registry lets in. A password may have a colon in it. */
export const LOGIN = { username: "ci", password: "pass:word" } as const;

/** The same, as its `htpasswd` has it. */
const HTPASSWD = "ci:$2y$04$4znR2NauL8xF3kEAl/HbBueeU5Isgjb.Ee5RftmL3VUsbMa0AzXoa\n";

/** Writes what `docker-registry serve FOLDER/config.yml` needs to listen at an address and ask for the password. */
export const fillRegistryFolder = async (folder: string, server: string): Promise<void> => {
  await install("docker-registry");
  await writeFile(`${folder}/htpasswd`, HTPASSWD);
  await writeFile(
    `${folder}/config.yml`,
    JSON.stringify({
      version: 0.1,
      storage: { filesystem: { rootdirectory: `${folder}/data` } },
      http: { addr: server },
      auth: { htpasswd: { realm: "tests", path: `${folder}/htpasswd` } },
    }),
  );
};
