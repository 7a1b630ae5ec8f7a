import test from "ava";
import { HELD, IN_QUEUE_DOMAINS, putOff } from "./held-domains.ts";
import type { DeliveryContext } from "./types.ts";

const LISTS = { hold_domains: ["held.test", "both.test"], queue_domains: ["queued.test", "both.test"], queue_smtp_domains: [] as string[] };
const deps = { waits: async (option: keyof typeof LISTS, facts: { domain: string }) => LISTS[option].includes(facts.domain) } as never;
const at = (cause: string, force = false) => ({ context: { options: { cause, force } } as DeliveryContext, scope: undefined as never });

test("hold_domains holds until the delivery is forced; queue_domains at the first attempt only", async (t) => {
  for (const [domain, cause, force, expected] of [
    ["held.test", "arrival", false, HELD],
    ["held.test", "queueRun", false, HELD],
    ["held.test", "queueRun", true, undefined],
    ["held.test", "command", true, undefined],
    ["queued.test", "arrival", false, IN_QUEUE_DOMAINS],
    ["queued.test", "queueRun", false, undefined],
    ["both.test", "arrival", false, HELD],
    ["other.test", "arrival", false, undefined],
  ] as const)
    t.is(await putOff(`x@${domain}`, at(cause, force), deps), expected, `${domain} ${cause} ${force}`);
});

test("without such lists nobody is asked", async (t) => {
  t.is(await putOff("x@held.test", at("arrival"), {} as never), undefined);
});
