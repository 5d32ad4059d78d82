import { expect, test } from "vitest";
import { splitWords } from "../../../../src/app/shell-words.ts";
import { translate } from "../../../../src/cli/aliases/translate.ts";
import { commandLine } from "../../../../src/cli/command-line.ts";
import { loadCommands, loadShapes } from "../../../../src/cli/commands.ts";
import { comingFrom } from "../../../../src/cli/topics/coming-from.ts";

const [COMMANDS, SHAPES] = [await loadCommands(), await loadShapes()];

const translated = (line: string) => {
  const [, ...argv] = splitWords(`oneoff ${line}`) ?? [];
  const translation = translate(argv, SHAPES);
  return (
    translation && {
      line: commandLine(translation, COMMANDS.get(translation.command)),
      done: translation.why === undefined,
    }
  );
};

test.each([
  // options of the default behaviour
  ["run --rm app ls", "oneoff run app ls"],
  ["--rm run app ls", "oneoff run app ls"],
  ["run --rm -it app ls --rm -x", "oneoff run --tty app ls --rm -x"],
  ["run --rm -i -t app ls", "oneoff run --tty app ls"],
  ["run -x --no-deps --no-notify -a app ls", "oneoff run app ls"],
  // other names of options and commands
  ["--app app run --detached ls", "oneoff run --detach app ls"],
  ["run --no-TTY app ls", "oneoff run --no-tty app ls"],
  ["run --force-tty app ls", "oneoff run --tty app ls"],
  ["run -s M -f dump.sql app ls", "oneoff run --size M --file dump.sql app ls"],
  ["run --silent --ttl-seconds=600 app ls", "oneoff run --quiet --timeout 600s app ls"],
  ["run --env-from-file .env --net shop app ls", "oneoff run --env-file .env --network shop app ls"],
  ["compose run --rm -T web ls", "oneoff run --no-tty web ls"],
  ["compose exec web ls", "oneoff exec web ls"],
  ["enter app", "oneoff exec app"],
  ["enter app web ps ax", "oneoff exec app.web ps ax"],
  ["cron:list app", "oneoff cron app"],
  ["run:inside -a app run.7364 bash", "oneoff exec app.run.7364 bash"],
  ["exec -a app bash", "oneoff exec app bash"],
  ["ssh console -a app -C 'ls -l'", "oneoff exec app 'ls -l'"],
  ["bash -a app", "oneoff run app bash"],
  ["ps:scale app web=2", "oneoff scale app web=2"],
  ["ps:scale web=2 -a app", "oneoff scale app web=2"],
  ["releases:rollback v7 -a app", "oneoff rollback app v7"],
  ["one-off-stop one-off-7364", "oneoff stop run.7364"],
  ["kill run.7364 app.run.7365", "oneoff stop run.7364 app.run.7365"],
  ["kill app", "oneoff ps:stop app"],
  ["ps:kill run.7364", "oneoff stop run.7364"],
  ["logs --tail -a app --dyno run.7364", "oneoff logs --follow --app app run.7364"],
  ["logs --tail=20 app", "oneoff logs --num 20 app"],
  ["run:stop --container app.run.7364", "oneoff run:stop app.run.7364"],
  ["stop -t 5 run.7364", "oneoff stop --grace 5s run.7364"],
  ["ps -a", "oneoff ps --all"],
  ["apps --json", "oneoff apps --format json"],
  ["app info my-app", "oneoff app:info my-app"],
  ["console app", "oneoff run app"],
  ["shell app", "oneoff run app"],
  ["list", "oneoff apps"],
  ["list --format json", "oneoff apps --format json"],
  ["list app", "oneoff ps app"],
  ["ls", "oneoff apps"],
  ["app-json report", "oneoff app-json:report"],
])("translates and runs %s as %s", (theirs, ours) => expect(translated(theirs)).toEqual({ line: ours, done: true }));

test.each([
  ["run --type worker -a app", "oneoff run app worker"],
  ["run --type worker app ls", "oneoff run app ls"],
  ["--region osc-fr1 --app app run ls", "oneoff run app ls"],
  ["run --cron-id id --concurrency-policy replace app ls", "oneoff run --lock id --on-conflict replace app ls"],
  ["run --uts host app ls", "oneoff run --print=docker app ls"],
  ["run --uts host --sysctl a=b --sysctl c=d -m 1g app ls", "oneoff run --memory 1g --print=docker app ls"],
  ["run --use-aliases app ls", "oneoff run app ls"],
  ["run --no-launcher app ls", "oneoff run --entrypoint '' app ls"],
  ["app exec -i 'bin/rails console'", "oneoff run my-app 'bin/rails console'"],
  ["app exec --reuse bin/rails console", "oneoff exec my-app bin/rails console"],
  ["exec -d app ls", "oneoff run:detached app ls"],
  ["ps:rebuild app", "oneoff deploy --force app"],
  ["git:from-image app shop:v7", "oneoff deploy --image shop:v7 app"],
  ["destroy --force app", "oneoff destroy --yes app"],
  ["config:set app A=1", "oneoff help config"],
  ["config:get -a app KEY", "oneoff app:info app"],
  ["env app", "oneoff app:info app"],
  ["ssh app", "oneoff run app"],
  ["ssh -a app", "oneoff run app"],
  ["rm run.7364", "oneoff stop run.7364"],
  ["rm -f run.7364", "oneoff stop --grace 1s run.7364"],
  ["rm app", "oneoff destroy app"],
  ["dbshell app", "oneoff run app 'psql \"$DATABASE_URL\"'"],
  ["dbshell -a app", "oneoff run app 'psql \"$DATABASE_URL\"'"],
  ["dbshell", "oneoff run my-app 'psql \"$DATABASE_URL\"'"],
])("suggests for %s: %s", (theirs, ours) => expect(translated(theirs)).toEqual({ line: ours, done: false }));

test.each(["run --no-such-option app", "no-such-command app", "compose up", "scale --lock x app", "-- run app"])(
  "translates nothing for %s",
  (line) => expect(translated(line)).toBeUndefined(),
);

test("masks secrets in the line to type", () =>
  expect(translated("run --uts host -e TOKEN=hunter2222 app ls")?.line).not.toContain("hunter2222"));

test.each([...(comingFrom.parts ?? [])])("translates each line of %s", (_name, part) => {
  expect(part.text(SHAPES)).not.toContain("undefined");
  expect(part.text(SHAPES)).toContain(" :: oneoff ");
});

test.each(["shell app -e A=1", "docker run app -e A=1 env"])("refuses a misplaced option in %s", (line) =>
  expect(() => translated(line)).toThrow('"-e" must be before the app'),
);
