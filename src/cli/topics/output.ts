import type { Topic } from "./topic.ts";

export const output: Topic = {
  about: "Streams, colours and progress bars",
  text: () => `\
stdout carries the output of the command, or the result of a query. oneoff prints messages to stderr. --quiet prints errors only, and files that could not be copied. Output for programs (--format json, --json, and the output of a command) never contains colours or progress bars.

# Colours
Messages and lists are coloured when they are printed to a terminal. The first of these settings that is present takes precedence:

--color=always, --color=never :: Enables or disables colours.
NO_COLOR :: Disables colours when set.
FORCE_COLOR, CLICOLOR_FORCE :: Enable colours when set to anything but 0, also without a terminal.
CLICOLOR=0, TERM=dumb :: Disable colours; a missing TERM does too.

Where oneoff prints no colours, it also removes colours from the output of phases and builds.

# Progress
At a terminal, long operations such as uploads show a progress bar, which is removed at the end. Without a terminal, with TERM=dumb or with CI set, operations of more than a few seconds print a line at each quarter. Lines are cut to the width of the terminal.

# For programs
    oneoff deploy --json my-app . | jq .

\`oneoff help events\` describes all events, and \`oneoff help ci\` the log formats of CI services.
`,
};
