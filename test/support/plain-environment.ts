/** What oneoff and Node make something of, even where it is empty: nothing, wherever the tests are run. */
const SURROUNDINGS = ["CI", "GITHUB_ACTIONS", "GITLAB_CI", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE"];

for (const name of SURROUNDINGS) delete process.env[name];
