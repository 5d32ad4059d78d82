import { beforeAll, expect, inject, test } from "vitest";
import { buildImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { schedulingScene } from "../support/scheduling.ts";

const host = inject("engineHost");
const scene = schedulingScene(host);

const SITE = `FROM busybox:local
RUN mkdir /www && echo one >/www/index.html
CMD ["sh", "-c", "sleep 1; exec httpd -f -p 5000 -h /www"]`;

beforeAll(async () => {
  await scene.createNetwork();
  await buildImage(host, "oneoff-test/site-one", SITE);
});

test(
  "a process that loses its address as it is to be found is started again, and found when it is well",
  needs("lowest addresses"),
  async () => {
    const settings = { networks: [scene.network] };
    const neighbour = await scene.client("sleep 1000");
    const scheduling = scene.schedule({ image: "oneoff-test/site-one", number: 20, settings, healthWait: 3 });
    // From now on there is a lower address that is free.
    await expect.poll(() => scene.told.at(-1)).toBe("web.1 starting");
    await scene.engine.delete(`/containers/${neighbour}?force=1`);
    await scheduling;
    expect(scene.warnings).toEqual([`web.1 of ${scene.name} has another address now, and is started again`]);
    const client = await scene.client("sleep 1000");
    const answer = `wget -q -O - http://${scene.name}:5000/`;
    await expect.poll(() => scene.ask(client, answer), { timeout: 10_000 }).toBe("one");
    expect(await scene.ask(client, answer.replace(scene.name, `${scene.name}-web`))).toBe("one");
    expect(await scene.ask(client, answer.replace(scene.name, `${scene.name}.web.1`))).toBe("one");
  },
);
