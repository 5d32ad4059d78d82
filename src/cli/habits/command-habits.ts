import { oneoffName } from "../../oneoff/names.ts";

/** What somebody means by a command of another tool. */
export interface CommandHabit {
  /** Ours; or which of ours, by the words after it. */
  readonly means: string | ((words: readonly string[]) => string);
  /** Its words for ours. */
  readonly words?: (words: readonly string[]) => readonly string[];
  /** Options of ours that it takes besides. */
  readonly options?: (words: readonly string[]) => readonly string[];
  /** Why it is not simply done, but answered with what to type. */
  readonly why?: string;
}

const YAML = "Variables are what oneoff.yaml says, with those of the image";

/** `one-off-7364`, or the number alone, as ours are called. */
const asOneoff = (word: string) => word.replace(/^(?:one-off-)?(\d+)$/, "run.$1");

const stops = (words: readonly string[]) =>
  words.every((word) => oneoffName(asOneoff(word)) ?? /\.run\.\d+$/.test(word)) ? "stop" : "ps:stop";

/** By what is typed; of two words joined by a colon the second may come after a blank. */
export const COMMAND_HABITS: ReadonlyMap<string, CommandHabit> = new Map<string, CommandHabit>([
  // one-offs
  ["compose:run", { means: "run" }],
  ["compose:exec", { means: "exec" }],
  ["compose:ps", { means: "ps" }],
  ["compose:logs", { means: "logs" }],
  ["container:run", { means: "run" }],
  ["container:exec", { means: "exec" }],
  ["app:exec", { means: "run", words: (words) => ["my-app", ...words], why: "The app comes before the command" }],
  ["app:logs", { means: "logs", words: (words) => ["my-app", ...words], why: "The app has to be named" }],
  ["bash", { means: "run", words: (words) => [...words, "bash"] }],
  ["console", { means: "run" }],
  ["run:inside", { means: "exec" }],
  ["ps:exec", { means: "exec" }],
  ["ssh:console", { means: "exec" }],
  ["enter", { means: "exec", words: ([app = "", type, ...words]) => [type ? `${app}.${type}` : app, ...words] }],
  ["one-off-stop", { means: "stop", words: (words) => words.map(asOneoff) }],
  ["kill", { means: stops }],
  ["ps:kill", { means: stops }],
  // apps
  ["apps:list", { means: "apps" }],
  ["apps:info", { means: "app:info" }],
  ["apps:report", { means: "app:info" }],
  ["apps:destroy", { means: "destroy" }],
  ["info", { means: "app:info" }],
  ["config", { means: "app:info", why: YAML }],
  ["config:show", { means: "app:info", why: YAML }],
  ["config:get", { means: "app:info", words: ([app = "my-app"]) => [app], why: YAML }],
  ["config:set", { means: "help", words: () => ["config"], why: YAML }],
  ["env", { means: "app:info", why: YAML }],
  ["env-set", { means: "help", words: () => ["config"], why: YAML }],
  // deploys and processes
  [
    "git:from-image",
    {
      means: "deploy",
      words: ([app = "my-app"]) => [app],
      options: ([, image]) => [`--image=${image ?? "IMAGE"}`],
      why: "git:from-image: an image is put in the place of what runs by a deploy",
    },
  ],
  [
    "git:load-image",
    {
      means: "deploy",
      words: ([app = "my-app"]) => [app],
      options: ([, image]) => ["--archive=-", ...(image ? [`--image=${image}`] : [])],
      why: "git:load-image: what docker save has written is put in the place of what runs by a deploy",
    },
  ],
  [
    "ps:rebuild",
    {
      means: "deploy",
      options: () => ["--force"],
      why: "ps:rebuild: an app is built anew, and put in the place of what runs, by a deploy",
    },
  ],
  ["ps:scale", { means: "scale" }],
  ["ps:start", { means: "start" }],
  ["ps:restart", { means: "restart" }],
  ["ps:report", { means: "ps" }],
  ["releases:rollback", { means: "rollback" }],
]);
