// @module-tag full
import { beforeAll, expect, inject, test } from "vitest";
import { buildImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { rolloutScene } from "../support/rollout-scene.ts";

const host = inject("engineHost");
const scene = rolloutScene(host);

const SITE = `FROM busybox:local
RUN mkdir /www && echo one >/www/index.html
CMD ["sh", "-c", "until [ -e /go ]; do sleep 0.1; done; sleep 1; exec httpd -f -p 5000 -h /www"]`;

const LISTENING = '{"healthchecks": {"web": [{"type": "startup", "listening": true, "attempts": 60, "wait": 1}]}}';

beforeAll(async () => {
  await scene.createNetwork();
  await buildImage(host, "oneoff-test/site-one", SITE);
});

test(
  "restarts a process that loses its address while its aliases are added, and adds them once it is healthy",
  needs("lowest addresses"),
  async () => {
    const settings = { networks: [scene.network] };
    const neighbour = await scene.client("sleep 1000");
    const scheduling = scene.rollOut({ image: "oneoff-test/site-one", number: 20, settings, appJson: LISTENING });
    await expect.poll(async () => (await scene.processes())[0]?.state).toBe("running");
    await scene.engine.delete(`/containers/${neighbour}?force=1`);
    // A lower address is free now.
    await scene.ask(`${(await scene.processes())[0]?.id}`, "touch /go");
    await scheduling;
    expect(scene.warnings).toEqual([`The address of web.1 of ${scene.name} has changed; restarting it`]);
    const client = await scene.client("sleep 1000");
    const answer = `wget -q -O - http://${scene.name}:5000/`;
    await expect.poll(() => scene.ask(client, answer), { timeout: 10_000 }).toBe("one");
    expect(await scene.ask(client, answer.replace(scene.name, `${scene.name}-web`))).toBe("one");
    expect(await scene.ask(client, answer.replace(scene.name, `${scene.name}.web.1`))).toBe("one");
  },
);
