/** passwd: the query is a login; the answer looks like its line of /etc/passwd without login and password. */
import { chain, defineLookup, type LookupResult } from "@mailkit/sdk";

export const passwd = defineLookup({
  name: "passwd",
  style: "query",
  find: ({ key }, host) =>
    chain(host.accounts.byName(key), (account): LookupResult => {
      if (account === undefined) return { kind: "notFound" };
      const { uid, gid, gecos, home, shell } = account;
      return { kind: "found", text: `*:${uid}:${gid}:${gecos}:${home}:${shell}` };
    }),
});
