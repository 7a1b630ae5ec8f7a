import test from "ava";
import { connectionRoom, ownDescriptors } from "./descriptors.ts";

const rows: [what: string, limit: number, open: number, pop3: boolean, smtp: number, pop3Room: number][] = [
  ["few", 64, 28, false, 12, 1],
  ["few, with POP3", 64, 28, true, 9, 3],
  ["the usual soft limit", 1024, 40, true, 546, 182],
  ["a generous one", 524_288, 40, true, 522_224, 1000],
  ["none at all", 32, 40, true, 2, 1],
];

for (const [what, limit, open, pop3, smtp, pop3Room] of rows)
  test(`room for connections: ${what}`, (t) => t.deepEqual(connectionRoom({ limit, open }, pop3), { smtp, pop3: pop3Room }));

test("of this process", (t) => {
  const own = ownDescriptors();
  if (own === undefined) return (t.log("this system does not tell"), t.pass());
  t.true(own.open > 0 && own.limit >= own.open);
});
