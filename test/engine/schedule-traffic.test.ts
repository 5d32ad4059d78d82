import { beforeAll, expect, inject, test } from "vitest";
import { buildImage } from "../support/base-image.ts";
import { schedulingScene } from "../support/scheduling.ts";

const host = inject("engineHost");
const scene = schedulingScene(host);

/** Asks again and again, each time for the address anew, and keeps what did not go well. */
const HAMMER = `
while :; do
  if wget -q -O - http://$APP:5000/ >>/tmp/answers 2>>/tmp/failed; then :; else echo "code $?" >>/tmp/failed; fi
done`;

const website = (text: string) => `FROM busybox:local
RUN mkdir /www && echo ${text} >/www/index.html
CMD ["sh", "-c", "sleep 1; exec httpd -f -p 5000 -h /www"]`;

const appJson = '{"healthchecks": {"web": [{"listening": true, "wait": 1, "attempts": 20}]}}';

beforeAll(async () => {
  await scene.createNetwork();
  for (const text of ["one", "two"]) await buildImage(host, `oneoff-test/site-${text}`, website(text));
});

test("no request of others fails while releases take each other's place", async () => {
  const settings = { networks: [scene.network] };
  const site = (number: number) => `oneoff-test/site-${number % 2 === 0 ? "two" : "one"}`;
  await scene.schedule({ image: site(1), number: 1, settings, appJson });
  const clients = await Promise.all([1, 2].map(() => scene.client(HAMMER.replace("$APP", scene.name))));
  for (let number = 2; number <= 11; number += 1) {
    await scene.schedule({ image: site(number), number, settings, appJson, scale: { web: 1 + (number % 2) } });
  }
  for (const client of clients) {
    expect(await scene.ask(client, "cat /tmp/failed")).toBe("");
    const changes = (await scene.ask(client, "uniq -c /tmp/answers | wc -l")).trim();
    expect(Number(changes)).toBeGreaterThanOrEqual(11);
    expect(Number(await scene.ask(client, "wc -l </tmp/answers"))).toBeGreaterThan(1000);
  }
  expect(scene.warnings).toEqual([]);
  expect((await scene.processes()).map(({ name, state }) => `${name} ${state}`)).toEqual([
    "web.1 running",
    "web.2 running",
  ]);
}, 180_000);

test("a process that loses its address as it is to be found is started again, and found when it is well", async () => {
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
});
