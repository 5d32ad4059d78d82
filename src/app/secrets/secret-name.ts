/**
 * A part of a name, or two adjacent parts. Long words also match at the end of a part, e.g. PGPASSWORD and
 * clientSecret, and so do `pass` and `pwd`, except in English words: COMPASS, `--bypass`.
 */
const SECRET = new RegExp(
  `(?:^|[-_])(?:${[
    "[a-z0-9]*(?:password|passwd|passphrase|pwd|secret|token)",
    "[a-z0-9]*(?:access|api|encryption|master|private|secret|signing)[-_]?key",
    "(?!(?:by|com|encom|over|sur|tres|under)pass)[a-z0-9]*pass",
    "auth|credentials?",
  ].join("|")})[0-9]*(?=$|[-_])`,
  "i",
);

/** Names that disable a secret or locate it, e.g. `--no-auth` and `TOKEN_FILE`. */
const BESIDE = /^-*no[-_]|[-_](?:file|path|stdin)$/i;

/** Variables of a shell that contain folders. */
const FOLDER = /^(?:OLD)?PWD$/;

/** Whether the name of a variable, option (with or without dashes), header or key suggests a secret. */
export const isSecretName = (name: string): boolean => SECRET.test(name) && !BESIDE.test(name) && !FOLDER.test(name);
