/** Users of the servers of tests; everybody's password is "secret" (argon2id, cheap parameters). */
export const PASSWORD = "secret";
const HASH = "$argon2id$v=19$m=64,t=1,p=1$bWFpbGtpdC10ZXN0c2FsdA$Nl7EcbmSabajFBuu6mZB/7WePTYwWD4z9sDzj+6k7wk";

/** The text of a users file. */
export function usersFile(...names: readonly string[]): string {
  return names.map((name) => `${name}:${HASH}\n`).join("");
}
