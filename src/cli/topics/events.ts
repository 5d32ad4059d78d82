import { EVENT_DOCS } from "../../output/event-docs.ts";
import type { FieldDocs } from "../../output/event-docs-types.ts";
import type { Topic } from "./topic.ts";

const fieldRows = (fields: FieldDocs, prefix = ""): string[] =>
  Object.entries(fields).flatMap(([name, [type, description, elements]]) => [
    `${prefix}${name} :: ${type}: ${description}`,
    ...(elements ? fieldRows(elements, `${prefix}${name}[].`) : []),
  ]);

/** Generated from the table that the JSON renderer uses. */
export const events: Topic = {
  about: "Events that --json prints, with all fields",
  text: () => `\
With --json, deploy, rollback, scale, start, restart, ps:stop and destroy print events to stdout. Each event is one line with a JSON object. stdout contains only events, and stderr is empty. --quiet prints only the failed event.

    oneoff deploy --json my-app . | jq -r 'select(.type == "deployed").image'

Every field is present; a field without a value is null. Texts contain no control sequences. New versions may add types and fields, and keep existing ones.

# Fields of every event
type :: string: type of the event, see below
time :: string: ISO 8601, UTC

${Object.entries(EVENT_DOCS)
  .map(
    ([type, { description, fields }]) =>
      `# ${type}\n${description[0]?.toUpperCase()}${description.slice(1)}.\n\n${fieldRows(fields).join("\n")}`,
  )
  .join("\n\n")}
`,
};
