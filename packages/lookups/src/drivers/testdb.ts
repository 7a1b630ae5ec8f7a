/** testdb: Exim's lookup for its own tests. `fail` is not found, `defer` defers, anything else is its own answer. */
import { defineLookup } from "@mailkit/sdk";

export const testdb = defineLookup({
  name: "testdb",
  style: "query",
  find: ({ key }) => {
    if (key === "fail") return { kind: "notFound" };
    if (key === "defer") return { kind: "defer", message: "testdb lookup forced DEFER" };
    return { kind: "found", text: key };
  },
});
