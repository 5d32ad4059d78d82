import { userInfo } from "node:os";

/** Whom the machine takes us for; undefined where it knows no name of ours. */
export function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
