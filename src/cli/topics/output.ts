import type { Topic } from "./topic.ts";

export const output: Topic = {
  about: "Where oneoff talks, and how it looks",
  text: () => `\
stdout belongs to the command, or to the answer that was asked for; oneoff talks on stderr, and --quiet leaves nothing there but errors and what could not be copied. What programs read never has a colour or a bar in it: --format json, --json, and what a command writes.

# Colours
Lines on stderr, and lists for people, have colours where they go to a terminal.

--color=always, --color=never :: whatever is said elsewhere
NO_COLOR :: set to anything, there are none
FORCE_COLOR, CLICOLOR_FORCE :: set to anything but 0, there are some, also without a terminal
CLICOLOR=0, TERM=dumb :: there are none; nor without TERM

The first of these that says anything counts. A phase's or a build's own colours are left out wherever ours are.

# Progress
What takes longer than a moment, such as an upload, has a bar at a terminal, which is gone in the end. Elsewhere, and where TERM is dumb or CI is set, there is a line at each quarter, of what takes longer than a few seconds. Lines are cut to the width of the window, and no character is taken apart.

# For programs
    oneoff deploy --json my-app . | jq .

Every event is in oneoff help events; logs of CI services in oneoff help ci.
`,
};
