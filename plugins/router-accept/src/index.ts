/**
 * accept (manual chapter "The accept router"): takes every address that passes the preconditions and hands it to the
 * generic `transport`. It has no options of its own.
 */
import { defineRouter } from "@mailkit/sdk";

export const driver = defineRouter({
  name: "accept",
  options: {},
  needs: [],
  route: () => ACCEPTED,
});

const ACCEPTED = { kind: "ok" } as const;
