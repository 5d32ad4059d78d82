import { EVENT_DOCS, type FieldDocs } from "../../output/event-docs.ts";
import type { Topic } from "./topic.ts";

const fieldRows = (fields: FieldDocs, prefix = ""): string[] =>
  Object.entries(fields).flatMap(([name, [kind, meaning, of]]) => [
    `${prefix}${name} :: ${kind}: ${meaning}`,
    ...(of ? fieldRows(of, `${prefix}${name}[].`) : []),
  ]);

/** Made of what the renderer goes by. */
export const events: Topic = {
  about: "What --json writes: every event and its fields",
  text: () => `\
deploy, rollback, scale, start, restart, ps:stop and destroy write what happens to stdout with --json: one event a line, each a JSON object, as it happens. Nothing else is on stdout then, and nothing on stderr. --quiet leaves only failed.

    oneoff deploy --json my-app . | jq -r 'select(.type == "deployed").image'

Every field is always there, null where it says nothing. There are no colours and no other control sequences in texts. Types and fields may be added; those that are here stay.

# In every event
type :: string: one of those below
time :: string: ISO 8601, UTC

${Object.entries(EVENT_DOCS)
  .map(
    ([type, { says, fields }]) =>
      `# ${type}\n${says[0]?.toUpperCase()}${says.slice(1)}.\n\n${fieldRows(fields).join("\n")}`,
  )
  .join("\n\n")}
`,
};
