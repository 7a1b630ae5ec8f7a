/** What DNS says of a domain, and what becomes of its mail: delivered, bounced or kept for later. */
import test from "ava";
import { mailIn, messagesIn } from "../support/mailbox.ts";
import { needs } from "../support/programs.ts";
import { startSink } from "../support/smtp-sink.ts";
import type { Sink } from "../support/smtp-sink.ts";
import { forAllTests } from "../support/suite.ts";
import { curlSend } from "../support/tools.ts";
import { startSite } from "../support/world.ts";
import type { Site } from "../support/world.ts";
import { startNameServer } from "../support/name-server.ts";
import { loopbackAddress, freePort } from "../support/loopback.ts";
import { until } from "../support/wait.ts";
import { join } from "node:path";

const shared = forAllTests(test);
let site: Site;
let sink: Sink;

test.before(async () => {
  const [own, far] = [loopbackAddress(), loopbackAddress()];
  const port = await freePort(far);
  sink = await startSink(shared, { address: far, port });
  const dns = await startNameServer(shared, {
    "far.test": { A: [far] },
    "address-only.test": { A: [far] },
    "alias.test": { CNAME: "address-only.test" },
    "null-mx.test": { MX: [[0, "."]], A: [far] },
    "mx-to-ip.test": { MX: [[10, far]] },
    "mx-to-nowhere.test": { MX: [[10, "missing.test"]] },
    "mx-to-us.test": {
      MX: [
        [10, "mail.truc.fr"],
        [20, "far.test"],
      ],
    },
    "second-mx.test": {
      MX: [
        [20, "far.test"],
        [10, "dead.test"],
      ],
    },
    "dead.test": { A: [loopbackAddress()] },
    "empty.test": { TXT: ["no mail here"] },
    "servfail.test": "SERVFAIL",
    "refused.test": "REFUSED",
    "silent.test": "NOANSWER",
    "half-broken.test": { MX: [[10, "servfail.test"]] },
    "mail.truc.fr": { A: [own] },
  });
  site = await startSite(shared, { domain: "truc.fr", address: own, port, dns });
});

const write = (to: string) => curlSend(site, { from: "fred@truc.fr", to, subject: `to ${to}` });

for (const [domain, why, lead] of [
  ["address-only.test", "no MX: the address record", /=> \S+ R=remote T=remote_smtp H=address-only\.test \[127\./],
  ["alias.test", "an alias is followed", /=> \S+ R=remote T=remote_smtp H=\S+ \[127\./],
  ["second-mx.test", "the first host refuses connections: the second", /=> \S+ R=remote T=remote_smtp H=far\.test \[127\./],
] as const) {
  needs(test, "curl")(`${domain}: ${why}`, async (t) => {
    const before = sink.messages.length;
    await write(`x@${domain}`);
    await site.logged(new RegExp(lead.source.replace("\\S+", `x@${domain}`)));
    t.is(sink.messages.length, before + 1);
    t.is(sink.messages.at(-1)?.sender, "fred@truc.fr");
  });
}

for (const [domain, why] of [
  ["null-mx.test", /: an MX or SRV record indicated no SMTP service$/],
  ["mx-to-ip.test", /: all relevant MX records point to non-existent hosts or \(invalidly\) to IP addresses$/],
  ["mx-to-nowhere.test", /: all relevant MX records point to non-existent hosts$/],
  ["empty.test", /: Unrouteable address$/],
  ["no-such-domain.test", /: Unrouteable address$/],
] as const) {
  needs(test, "curl")(`${domain}: a bounce at once, nothing sent`, async (t) => {
    const [before, bounces] = [sink.messages.length, messagesIn(join(site.folder, "mail/fred")).length];
    await write(`x@${domain}`);
    await site.logged(new RegExp(`\\*\\* x@${domain}${why.source}`));
    const bounce = (await mailIn(site, "mail/fred", bounces + 1)).at(-1) ?? "";
    t.regex(bounce, new RegExp(`\\n  x@${domain}\\n`));
    t.is(sink.messages.length, before);
  });
}

for (const domain of ["servfail.test", "refused.test", "silent.test", "half-broken.test"]) {
  needs(test, "curl")(`${domain}: kept for later`, async (t) => {
    await write(`x@${domain}`);
    await site.logged(new RegExp(`== x@${domain} R=remote defer \\(-1\\): host lookup did not complete`));
    const list = await site.command(["queue", "list", "--domain", domain]);
    t.regex(list.stdout, new RegExp(`x@${domain}`));
  });
}

needs(test, "curl")("mx-to-us.test: mail that would come back is frozen", async (t) => {
  await write("x@mx-to-us.test");
  await site.logged(/lowest numbered MX record points to local host: mx-to-us\.test/);
  await site.logged(/ Frozen/);
  t.regex((await site.command(["queue", "list", "--frozen"])).stdout, /fred@truc\.fr/);
});

needs(test, "curl")("the name server is gone: kept; it comes back: delivered", async (t) => {
  site.dns.setZone({ "later.test": "SERVFAIL" });
  await write("x@later.test");
  await site.logged(/== x@later\.test/);
  site.dns.setZone({ "later.test": { MX: [[1, "mx.later.test"]] }, "mx.later.test": { A: [sink.address] } });
  const before = sink.messages.length;
  // A failure is remembered for some seconds: the first runs may still see it.
  await until(
    async () => {
      const tried = await site.command(["queue", "run", "--force", "--domain", "later.test"]);
      t.is(tried.code, 0, tried.stderr);
      return /=> x@later\.test R=remote T=remote_smtp H=mx\.later\.test/.test(site.mainlog());
    },
    { what: "the delivery to later.test", instead: site.describe },
  );
  t.is(sink.messages.length, before + 1);
});
