import { userInfo } from "node:os";

/** The name of the current user; undefined if the system has none. */
export function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
