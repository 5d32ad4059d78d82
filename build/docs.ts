import { cpSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { baseImage } from "../test/support/base-image.ts";
import { realCompose } from "../test/support/compose.ts";
import { api } from "../test/support/docker-api.ts";
import { startEngine } from "../test/support/engine.ts";
import { folder } from "../test/support/folder.ts";
import { openPty } from "../test/support/pty.ts";
import { screenOf } from "./docs/screen.ts";
import { svgOf } from "./docs/svg.ts";

/** `npm run docs`: docs/*.svg, pictures of the binary at a real terminal, with the apps of examples/. */
const root = fileURLToPath(new URL("..", import.meta.url));

const COLUMNS = 100;

/** Rows enough for all of the session, which then never scrolls. */
const ROWS = 200;

const PROMPT = "$ ";

/** What is typed, and what the screen ends with when the next line can be typed. */
type Scene = readonly (readonly [line: string, until: string])[];

const SCENES: Readonly<Record<string, Scene>> = {
  session: [
    ["oneoff apps", PROMPT],
    ["oneoff run web ./manage.py migrate", PROMPT],
    [`echo '{"model": "shop.item"}' | oneoff run web ./manage.py loaddata`, PROMPT],
    ["oneoff run web sh -c 'exit 7'; echo $?", PROMPT],
    ["oneoff run web", "/app # "],
    ["echo $DYNO $DATABASE_URL", "/app # "],
    ["exit", PROMPT],
    ["oneoff run --detach web ./manage.py check", PROMPT],
    ["oneoff run shop/wep ls", PROMPT],
  ],
  deploy: [
    ["cd hello; cat Procfile", PROMPT],
    ["oneoff deploy", PROMPT],
  ],
};

const titleOf = (scene: Scene) => `A terminal session: ${scene.map(([line]) => line).join("; ")}`;

await using engine = await startEngine();
await baseImage(engine.host);
await api(engine.host).post("/images/busybox:local/tag?repo=busybox&tag=1.37");
await api(engine.host).post("/networks/create", { Name: "edge" });
await using place = await folder();
cpSync(`${root}examples/compose-django-like`, place.path, { recursive: true });
cpSync(`${root}examples/procfile`, `${place.path}/hello`, { recursive: true });

const env = {
  HOME: place.path,
  ...{ XDG_CONFIG_HOME: undefined, XDG_STATE_HOME: undefined, XDG_CACHE_HOME: undefined },
  DOCKER_HOST: engine.host,
  DOCKER_BUILDKIT: "0",
  PATH: `${root}dist:${process.env.PATH}`,
};
const up = await (await realCompose()).run(["up", "--detach", "--build"], { cwd: place.path, env });
if (up.code !== 0) throw new Error(up.stderr.toString());

await using pty = await openPty(["sh"], {
  ...{ cols: COLUMNS, rows: ROWS, cwd: place.path },
  env: { ...env, PS1: PROMPT, ENV: undefined },
});
await pty.waitFor(PROMPT);
for (const [name, scene] of Object.entries(SCENES)) {
  const start = pty.output.length - PROMPT.length;
  for (const [line, until] of scene) {
    pty.write(`${line}\r`);
    await pty.waitFor(`${line}\r\n`);
    await pty.waitFor(until);
  }
  const lines = screenOf(pty.output.slice(start, -PROMPT.length), COLUMNS).slice(0, -1);
  writeFileSync(`${root}docs/${name}.svg`, svgOf(lines, COLUMNS, titleOf(scene)));
  process.stdout.write(`docs/${name}.svg: ${lines.length} lines\n`);
}
