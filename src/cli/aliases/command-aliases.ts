import { isOneoffContainerName, oneoffName } from "../../identity/names.ts";

/** A command of another tool, and what it stands for. */
export interface CommandAlias {
  /** The command of oneoff, which may depend on the arguments. */
  readonly means: string | ((args: readonly string[]) => string);
  /** Converts the arguments. @param hasApp whether `--app` names the app. */
  readonly args?: (args: readonly string[], hasApp: boolean) => readonly string[];
  /** Options to add. */
  readonly options?: (args: readonly string[]) => readonly string[];
  /** Why the line is not run, but printed for the user to type. */
  readonly why?: string;
}

const YAML = "Environment variables are set in oneoff.yaml and in the image";

/** `one-off-7364`, or the number alone, becomes `run.7364`. */
const asOneoff = (arg: string) => arg.replace(/^(?:one-off-)?(\d+)$/, "run.$1");

const areOneoffs = (args: readonly string[]) =>
  args.every((arg) => oneoffName(asOneoff(arg)) ?? isOneoffContainerName(arg));

const stops = (args: readonly string[]) => (areOneoffs(args) ? "stop" : "ps:stop");

const lists = (args: readonly string[]) => (args.length > 0 ? "ps" : "apps");

const appOnly = ([app = "my-app"]: readonly string[], hasApp: boolean) => (hasApp ? [] : [app]);

const DATABASE: CommandAlias = {
  means: "run",
  args: (args, hasApp) => [...appOnly(args, hasApp), 'psql "$DATABASE_URL"'],
  why: "oneoff has no database commands; run a database client of the image, e.g. psql",
};

/** `my-app-web` is a service of my-app. */
const appOfService = ([service = "my-app-web"]: readonly string[]) => [service.replace(/-[^-]+$/, "")];

const SERVICE = "oneoff changes all services of an app; name the app, not a service";

const SHELL = "oneoff run opens a shell in a new container, oneoff exec in a running one";

/** By what is typed. A name with a colon may also be typed as two arguments. */
export const COMMAND_ALIASES: ReadonlyMap<string, CommandAlias> = new Map<string, CommandAlias>([
  // one-offs
  ["compose:run", { means: "run" }],
  ["compose:exec", { means: "exec" }],
  ["compose:ps", { means: "ps" }],
  ["compose:logs", { means: "logs" }],
  ["container:run", { means: "run" }],
  ["container:exec", { means: "exec" }],
  ["app:exec", { means: "run", args: (args) => ["my-app", ...args], why: "The app comes before the command" }],
  ["app:logs", { means: "logs", args: (args) => ["my-app", ...args], why: "logs needs the name of an app" }],
  ["bash", { means: "run", args: (args) => [...args, "bash"] }],
  ["console", { means: "run" }],
  ["shell", { means: "run" }],
  ["ssh", { means: "run", why: SHELL }],
  ["dbshell", DATABASE],
  ["dbconsole", DATABASE],
  ["pg:psql", DATABASE],
  ["run:inside", { means: "exec" }],
  ["ps:exec", { means: "exec" }],
  ["ssh:console", { means: "exec" }],
  ["enter", { means: "exec", args: ([app = "", type, ...args]) => [type ? `${app}.${type}` : app, ...args] }],
  ["one-off-stop", { means: "stop", args: (args) => args.map(asOneoff) }],
  ["kill", { means: stops }],
  ["ps:kill", { means: stops }],
  [
    "rm",
    {
      means: (args) => (areOneoffs(args) ? "stop" : "destroy"),
      why: "One-offs are removed automatically after they exit; stop ends them earlier, destroy deletes an app",
    },
  ],
  // apps
  ["list", { means: lists }],
  ["ls", { means: lists }],
  ["apps:list", { means: "apps" }],
  ["apps:info", { means: "app:info" }],
  ["apps:report", { means: "app:info" }],
  ["apps:destroy", { means: "destroy" }],
  ["info", { means: "app:info" }],
  ["config", { means: "app:info", why: YAML }],
  ["config:show", { means: "app:info", why: YAML }],
  ["config:get", { means: "app:info", args: appOnly, why: YAML }],
  ["config:set", { means: "help", args: () => ["config"], why: YAML }],
  ["env", { means: "app:info", why: YAML }],
  ["env-set", { means: "help", args: () => ["config"], why: YAML }],
  ["cron:list", { means: "cron" }],
  ["cron:report", { means: "cron" }],
  // deploys and processes
  [
    "git:from-image",
    {
      means: "deploy",
      args: ([app = "my-app"]) => [app],
      options: ([, image]) => [`--image=${image ?? "IMAGE"}`],
      why: "git:from-image: use deploy --image",
    },
  ],
  [
    "git:load-image",
    {
      means: "deploy",
      args: ([app = "my-app"]) => [app],
      options: ([, image]) => ["--archive=-", ...(image ? [`--image=${image}`] : [])],
      why: "git:load-image: use deploy --archive with the output of docker save",
    },
  ],
  [
    "ps:rebuild",
    {
      means: "deploy",
      options: () => ["--force"],
      why: "ps:rebuild: use deploy --force to build and roll out an app again",
    },
  ],
  ["ps:scale", { means: "scale" }],
  ["service:ls", { means: "apps" }],
  ["service:ps", { means: "ps" }],
  ["service:logs", { means: "logs" }],
  ["service:rollback", { means: "rollback", args: appOfService, why: SERVICE }],
  ["service:rm", { means: "destroy", args: appOfService, why: SERVICE }],
  ["service:update", { means: "restart", args: appOfService, why: SERVICE }],
  [
    "service:scale",
    {
      means: "scale",
      args: ([scale = "my-app-web=2"]) => scale.split(/-(?=[^-=]+=)/),
      why: "The app and its process type are two arguments",
    },
  ],
  ["stack:services", { means: "apps", args: () => [] }],
  ["ps:start", { means: "start" }],
  ["ps:restart", { means: "restart" }],
  ["ps:report", { means: "ps" }],
  ["releases:rollback", { means: "rollback" }],
]);
