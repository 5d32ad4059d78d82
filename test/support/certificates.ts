import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { folder } from "./folder.ts";
import { install } from "./packages.ts";
import { run } from "./process.ts";

/** A folder as docker has it, with `ca.pem`, `cert.pem` and `key.pem`. */
export interface Certificate {
  readonly path: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  readonly path: string;
  readonly ca: string;
  /** @param names as in `DNS:localhost,IP:127.0.0.1`. @param days how long it is valid, from now on. */
  issue(name: string, names: string, days?: number): Promise<Certificate>;
  [Symbol.asyncDispose](): Promise<void>;
}

const openssl = async (cwd: string, ...words: string[]) => {
  const { code, stderr } = await run(["openssl", ...words], { cwd });
  if (code !== 0) throw new Error(`openssl ${words[0]}: ${stderr}`);
};

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Somebody who signs certificates, until disposed of. */
export async function authority(): Promise<Authority> {
  await install("openssl");
  const place = await folder();
  const { path } = place;
  const what = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"];
  await openssl(
    path,
    ...["req", "-x509", ...NEW_KEY, "-keyout", "ca-key.pem", "-out", "ca.pem", "-subj", "/CN=tests", ...what],
  );
  return {
    path,
    ca: join(path, "ca.pem"),
    async issue(name, names, days = 2) {
      const own = join(path, name);
      await mkdir(own, { recursive: true });
      await writeFile(join(own, "names"), `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`);
      await openssl(own, "req", ...NEW_KEY, "-keyout", "key.pem", "-out", "request", "-subj", `/CN=${name}`);
      // A file with the next serial number would be shared by certificates that are issued at the same time.
      const serial = ["-set_serial", `0x01${randomBytes(16).toString("hex")}`];
      const signed = ["-req", "-in", "request", "-CA", "../ca.pem", "-CAkey", "../ca-key.pem", ...serial];
      await openssl(own, "x509", ...signed, "-out", "cert.pem", "-days", String(days), "-extfile", "names");
      await openssl(own, "x509", "-in", "../ca.pem", "-out", "ca.pem");
      return { path: own, ca: join(own, "ca.pem"), cert: join(own, "cert.pem"), key: join(own, "key.pem") };
    },
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}
