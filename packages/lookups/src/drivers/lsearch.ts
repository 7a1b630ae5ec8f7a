/** lsearch: a text file, indexed once for each version of it (manual §"Single-key lookup types"). */
import { defineLookup, lower, type LookupResult, lookupOption } from "@mailkit/sdk";
import { indexText, searchFile } from "./text-file.ts";

const NOT_FOUND: LookupResult = { kind: "notFound" };

export const lsearch = defineLookup({
  name: "lsearch",
  style: "single-key",
  caseless: true,
  find: ({ file, key, options }, host) => {
    const whole = lookupOption(options, "ret") === "full";
    return searchFile(file, whole ? "lsearch whole" : "lsearch", host, {
      derive: (content) => indexText(content, whole),
      search: (index) => {
        const text = index.get(lower(key));
        return text === undefined ? NOT_FOUND : { kind: "found", text };
      },
    });
  },
});
