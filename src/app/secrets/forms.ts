import type { Span } from "./spans.ts";

/** Prefixes of tokens: GitHub, GitLab, AWS, Slack, Stripe, npm and others. */
const TOKENS = [
  String.raw`gh[oprsu]_\w{6,}`,
  String.raw`github_pat_\w{6,}`,
  String.raw`gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|oas|imt)-[\w.-]{6,}`,
  "A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{8,}",
  String.raw`xox[a-z]-[\w-]{6,}`,
  String.raw`xapp-[\w-]{6,}`,
  String.raw`eyJ[\w-]{6,}(?:\.[\w-]+)*`,
  String.raw`(?:sk|rk)_(?:live|test)_\w{6,}`,
  String.raw`whsec_\w{6,}`,
  String.raw`sk-[\w-]{20,}`,
  "npm_[A-Za-z0-9]{20,}",
  String.raw`pypi-[\w-]{16,}`,
  "rubygems_[0-9a-f]{16,}",
  String.raw`AIza[\w-]{20,}`,
  String.raw`ya29\.[\w-]{10,}`,
  String.raw`GOCSPX-[\w-]{10,}`,
  String.raw`SG\.[\w-]{16,}\.[\w-]{16,}`,
  "hf_[A-Za-z0-9]{20,}",
  "do[opr]_v1_[0-9a-f]{16,}",
  String.raw`dckr_(?:pat|oat)_[\w-]{6,}`,
  "shp(?:at|ca|pa|ss)_[0-9a-fA-F]{16,}",
  String.raw`hv[sbr]\.[\w-]{16,}`,
  "dapi[0-9a-f]{32}",
  String.raw`sntry[su]_[\w=+/-]{16,}`,
  String.raw`gl(?:c|sa)_[\w=+/-]{16,}`,
  String.raw`lin_api_\w{16,}`,
  String.raw`figd_[\w-]{16,}`,
  String.raw`PMAK-[\w-]{16,}`,
  "AGE-SECRET-KEY-1[A-Z0-9]{6,}",
].join("|");

const TOKEN = new RegExp(`(?<![A-Za-z0-9])(?:${TOKENS})`, "g");

/** URL parameters that contain signatures or credentials, besides the names of secrets. */
const PARAMETER =
  /[?&;](?:sig|signature|x-(?:amz|goog)-(?:signature|credential)|hmac|jwt|key|code|session(?:_?id)?|sid)=([^\s&#"']+)/gi;

const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----([\s\S]*?)(?:-----END |$)/g;

/** A long user part of a URL with digits: a token, not the name of a user. */
const URL_USER = /:\/\/(?=[A-Za-z_.-]*\d)([\w.~%-]{20,})@/g;

/** Headers whose value contains several `name=value` pairs, and is masked as a whole. */
const COOKIES = /\b(?:set-)?cookie:\s*([^=\s"';]+=[^"']*)/gi;

/** `?key=x`. Most words of commands are shorter, and the patterns are large. */
const SHORTEST = 6;

/** The spans of secrets that are detected by their format. */
export function knownForms(text: string): Span[] {
  if (text.length < SHORTEST) return [];
  return [
    ...Array.from(text.matchAll(TOKEN), ({ 0: token, index }): Span => [index, index + token.length]),
    ...[PARAMETER, PRIVATE_KEY, URL_USER, COOKIES].flatMap((form) =>
      Array.from(text.matchAll(form), ({ 0: whole, 1: secret = "", index }): Span => {
        const from = index + whole.lastIndexOf(secret);
        return [from, from + secret.length];
      }),
    ),
  ];
}
