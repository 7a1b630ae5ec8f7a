/** `personal`: Exim 4.96's answer for header lines, with the recipient root@test.ex. */
import test from "ava";
import { messageScope, runNow } from "../test-support.ts";

const TO = "To: root@test.ex\n";
const CASES: readonly (readonly [string, boolean, string?])[] = [
  [`${TO}From: a@b`, true],
  [`${TO}From: server@x`, false],
  [`${TO}From: xserver@x`, true],
  [`${TO}From: Daemon@x`, false],
  [`${TO}From: root@x`, false],
  [`${TO}From: ROOT@test.ex`, false],
  [`${TO}From: al@x.y`, false],
  [`${TO}From: a@b\nSender: root@test.ex`, true],
  [`${TO}From: a@b\nReply-To: majordomo@x`, true],
  [`${TO}From: foo-request@x`, false],
  [`${TO}From: Owner-x@y`, false],
  [`${TO}From: x-owner@y`, true],
  [`${TO}From: MAILER-DAEMON@x`, true],
  [`${TO}From: a@b, root@c`, false],
  [`${TO}From: daemon`, false],
  [`${TO}List-Foo: x`, true],
  [`${TO}list-id: x`, false],
  [`${TO}List-Archive: x`, false],
  [`${TO}List-Unsubscribe-Post: x`, true],
  [`${TO}Auto-Submitted: No`, true],
  [`${TO}Auto-Submitted: no (x)`, false],
  [`${TO}Auto-Submitted:`, false],
  [`${TO}Precedence: Bulkx`, false],
  [`${TO}Precedence: (list) x`, false],
  [`${TO}Precedence: first-class`, true],
  ["To: ROOT@TEST.EX", true],
  ["To: root", true],
  ["To: root@test.ex.com", false],
  ["To: X-root@test.ex", false],
  ["To: AL@X.Y", true],
  ["Cc: root@test.ex", false],
  ["To: a@b\nTo: root@test.ex", true],
  ["To: pre-root-suf@test.ex", true],
  ["To: root-suf@test.ex", false],
  [TO.trim(), false, ""],
];

for (const [headers, expected, sender = "s@x"] of CASES) {
  test(`${headers} from <${sender}>`, (t) => {
    const scope = messageScope({ headers: `${headers}\n`, variables: { sender_address: sender } });
    const run = runNow("if personal alias al@x.y then seen finish endif", {
      scope,
      ownAddresses: ["root@test.ex", "pre-root-suf@test.ex"],
    });
    t.is(run.delivered, expected);
  });
}
